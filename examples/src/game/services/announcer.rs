//! Announcements to all players.

use contracts::game::{Announcement, AnnouncementFields, Defeated, Zone};
use mycelium_rt::{Emit, ValidationError, service};

/// Announces every defeat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Announcer;

#[service]
impl Announcer {
    #[handle]
    fn on_defeated(&mut self, defeated: &Defeated, cx: &mut impl Emit<Announcement>) -> Result<(), ValidationError> {
        let helpers = match defeated.assists().len() {
            0 => String::new(),
            count => format!(" with {count} others"),
        };
        let text = format!("player {} defeated player {}{helpers}", defeated.by.0, defeated.entity.0);
        cx.emit(&Announcement::try_from(AnnouncementFields { text: &text, zone: Some(Zone::RUINS) })?);
        Ok(())
    }
}
