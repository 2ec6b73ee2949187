//! The positions of players, and the effects of their actions.

use contracts::game::{Action, Effects, EntityId, PlayerAction, Position, Respawn, Struck, StruckFields};
use mycelium_rt::{Emit, service};

use super::Players;

/// The range of a strike or a spell, in metres.
const REACH: f32 = 30.0;

/// Keeps positions, and turns actions into strikes if they reach their target.
#[derive(Debug, Clone, PartialEq)]
pub struct Arena {
    positions: Players<Position>,
    missed: u64,
}

/// Why an action had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The player or the target takes no part in the match.
    #[error("entity {} takes no part in this match", .0.0)]
    UnknownEntity(EntityId),
}

#[service]
impl Arena {
    #[handle]
    fn on_action(&mut self, action: &PlayerAction, cx: &mut impl Emit<Struck>) -> Result<(), ActionError> {
        let here = self.position(action.player)?;
        match action.action {
            Action::Move { to, .. } => {
                if let Some(position) = self.positions.get_mut(action.player) {
                    *position = to;
                }
            }
            Action::Strike { target, damage, .. } => {
                self.strike(action.player, here, target, damage, Effects::default(), cx)?;
            }
            Action::Cast { effects, target, .. } => self.strike(action.player, here, target, 0, effects, cx)?,
            Action::Wait { .. } => {}
        }
        Ok(())
    }

    #[handle]
    fn on_respawn(&mut self, respawn: &Respawn) {
        if let Some(position) = self.positions.get_mut(respawn.entity) {
            *position = respawn.at;
        }
    }
}

impl Arena {
    /// An arena with `players` players in a circle around its middle.
    pub fn new(players: usize) -> Self {
        let mut positions = Players::<Position>::new(players);
        for (id, position) in positions.iter_mut() {
            let angle = id.0 as f32;
            *position = Position::new(50.0 + 10.0 * angle.cos(), 50.0 + 10.0 * angle.sin());
        }
        Self { positions, missed: 0 }
    }

    /// Strikes and spells that were out of reach.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    fn position(&self, id: EntityId) -> Result<Position, ActionError> {
        self.positions.get(id).copied().ok_or(ActionError::UnknownEntity(id))
    }

    fn strike(
        &mut self,
        attacker: EntityId,
        from: Position,
        target: EntityId,
        damage: u32,
        effects: Effects,
        cx: &mut impl Emit<Struck>,
    ) -> Result<(), ActionError> {
        let to = self.position(target)?;
        if (to.x - from.x).hypot(to.y - from.y) > REACH {
            self.missed += 1;
            return Ok(());
        }
        // A hidden player is struck as well, but the strike has no position.
        let at = (!effects.contains(Effects::HIDDEN)).then_some(to);
        cx.emit(&Struck::from(StruckFields { attacker, target, damage, effects, at }));
        Ok(())
    }
}
