//! Health and effects.

use contracts::game::{Defeated, DefeatedFields, Effects, EntityId, Respawn, Struck, Tick};
use mycelium_rt::{Emit, ValidationError, service};

use super::{FULL_HEALTH, Players};

/// How many other attackers a defeat remembers: the bound of `Defeated::assists`.
const MAX_ASSISTS: usize = 4;

/// The health that a burning player loses with each tick.
const BURN_DAMAGE: u32 = 1;

/// Keeps health and effects, and emits each defeat.
#[derive(Debug, Clone, PartialEq)]
pub struct Vitals {
    players: Players<Vital>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Vital {
    health: u32,
    effects: Effects,
    /// The latest attackers, oldest first.
    attackers: [Option<EntityId>; MAX_ASSISTS + 1],
}

#[service]
impl Vitals {
    #[handle]
    fn on_struck(&mut self, struck: &Struck, cx: &mut impl Emit<Defeated>) -> Result<(), ValidationError> {
        let Some(vital) = self.players.get_mut(struck.target).filter(|vital| vital.health > 0) else {
            return Ok(());
        };
        vital.effects |= struck.effects;
        vital.remember(struck.attacker);
        vital.hurt(struck.target, struck.damage, cx)
    }

    #[handle]
    fn on_tick(&mut self, _tick: &Tick, cx: &mut impl Emit<Defeated>) -> Result<(), ValidationError> {
        for (id, vital) in self.players.iter_mut() {
            if vital.health > 0 && vital.effects.contains(Effects::BURNING) {
                vital.hurt(id, BURN_DAMAGE, cx)?;
            }
        }
        Ok(())
    }

    #[handle]
    fn on_respawn(&mut self, respawn: &Respawn) {
        if let Some(vital) = self.players.get_mut(respawn.entity) {
            *vital = Vital { health: respawn.health(), ..Vital::default() };
        }
    }
}

impl Vitals {
    /// `players` players in full health.
    pub fn new(players: usize) -> Self {
        let mut vitals = Players::<Vital>::new(players);
        for (_, vital) in vitals.iter_mut() {
            vital.health = FULL_HEALTH;
        }
        Self { players: vitals }
    }

    /// The health that `id` has left; `None` if it takes no part.
    pub fn health(&self, id: EntityId) -> Option<u32> {
        self.players.get(id).map(|vital| vital.health)
    }

    /// The effects on `id`; none if it takes no part.
    pub fn effects(&self, id: EntityId) -> Effects {
        self.players.get(id).map_or_else(Effects::default, |vital| vital.effects)
    }
}

impl Vital {
    /// Moves `attacker` to the end of the attackers, each of which is listed once.
    fn remember(&mut self, attacker: EntityId) {
        let place = self.attackers.iter().position(|&known| known == Some(attacker)).unwrap_or(0);
        self.attackers[place..].rotate_left(1);
        self.attackers[MAX_ASSISTS] = Some(attacker);
    }

    fn hurt(&mut self, id: EntityId, damage: u32, cx: &mut impl Emit<Defeated>) -> Result<(), ValidationError> {
        self.health = self.health.saturating_sub(damage);
        if self.health > 0 {
            return Ok(());
        }
        let mut assists = [EntityId::default(); MAX_ASSISTS];
        let mut count = 0;
        for (slot, attacker) in assists.iter_mut().zip(self.attackers[..MAX_ASSISTS].iter().flatten()) {
            *slot = *attacker;
            count += 1;
        }
        let by = self.attackers[MAX_ASSISTS].unwrap_or(id);
        cx.emit(&Defeated::try_from(DefeatedFields { entity: id, by, assists: &assists[..count] })?);
        Ok(())
    }
}
