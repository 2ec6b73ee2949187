//! What people do to contracts, allowed or not.

use fastrand::Rng;

use super::contract::{Contract, Field, is_number, member};

type Change = fn(&mut Contract, &mut Rng);

const CHANGES: [Change; 24] = [
    Contract::add_message,
    remove_message,
    retire_message,
    rename_message,
    another_id,
    swap_ids,
    grow_message,
    grow_message,
    append_field,
    insert_field,
    remove_field,
    rename_field,
    swap_fields,
    retype_field,
    make_optional,
    another_default,
    another_rule,
    another_variant,
    another_member,
    raise_version,
    lower_version,
    raise_min_compatible,
    lower_min_compatible,
    rename_schema,
];

/// The contract after up to three changes. It may be one that `check` refuses.
pub(crate) fn changed(contract: &Contract, random: &mut Rng) -> Contract {
    let mut changed = contract.clone();
    for _ in 0..random.usize(0..4) {
        if let Some(change) = random.choice(CHANGES) {
            change(&mut changed, random);
        }
    }
    changed
}

/// Changes some field of some message, if there is one.
fn with_field(contract: &mut Contract, random: &mut Rng, change: impl FnOnce(&mut Vec<Field>, usize, &mut Rng)) {
    if let Some(at) = some(contract, random) {
        let fields = &mut contract.messages[at].fields;
        if !fields.is_empty() {
            let place = random.usize(0..fields.len());
            change(fields, place, random);
        }
    }
}

fn some(contract: &Contract, random: &mut Rng) -> Option<usize> {
    (!contract.messages.is_empty()).then(|| random.usize(0..contract.messages.len()))
}

fn remove_message(contract: &mut Contract, random: &mut Rng) {
    if let Some(at) = some(contract, random) {
        contract.messages.remove(at);
    }
}

fn retire_message(contract: &mut Contract, random: &mut Rng) {
    if let Some(at) = some(contract, random) {
        let retired = contract.messages.remove(at);
        contract.reserved.push(retired);
    }
}

fn rename_message(contract: &mut Contract, random: &mut Rng) {
    if let Some(at) = some(contract, random) {
        contract.messages[at].name.push('R');
    }
}

fn another_id(contract: &mut Contract, random: &mut Rng) {
    if let Some(at) = some(contract, random) {
        contract.messages[at].id = random.u16(1..9);
    }
}

fn swap_ids(contract: &mut Contract, _: &mut Rng) {
    if let [first, second, ..] = &mut contract.messages[..] {
        std::mem::swap(&mut first.id, &mut second.id);
    }
}

/// As one should: a field of a new version at the end.
fn grow_message(contract: &mut Contract, random: &mut Rng) {
    contract.version += 1;
    let version = contract.version;
    if let Some(at) = some(contract, random) {
        let fields = &mut contract.messages[at].fields;
        fields.push(Field { since: version, ..Field::random(format!("g{version}"), random) });
    }
}

fn append_field(contract: &mut Contract, random: &mut Rng) {
    let version = contract.version;
    if let Some(at) = some(contract, random) {
        let fields = &mut contract.messages[at].fields;
        let since = fields.last().map_or(1, |field| field.since);
        fields.push(Field { since, ..Field::random(format!("h{version}"), random) });
    }
}

fn insert_field(contract: &mut Contract, random: &mut Rng) {
    with_field(contract, random, |fields, place, random| {
        let since = fields[place].since;
        fields.insert(place, Field { since, ..Field::random("inserted".to_owned(), random) });
    });
}

fn remove_field(contract: &mut Contract, random: &mut Rng) {
    with_field(contract, random, |fields, place, _| {
        fields.remove(place);
    });
}

fn rename_field(contract: &mut Contract, random: &mut Rng) {
    with_field(contract, random, |fields, place, _| fields[place].name.push('r'));
}

fn swap_fields(contract: &mut Contract, random: &mut Rng) {
    with_field(contract, random, |fields, place, _| {
        if place + 1 < fields.len() && fields[place].since == fields[place + 1].since {
            fields.swap(place, place + 1);
        }
    });
}

fn retype_field(contract: &mut Contract, random: &mut Rng) {
    with_field(contract, random, |fields, place, random| {
        let Field { name, optional, since, .. } = fields[place].clone();
        fields[place] = Field { optional, since, ..Field::random(name, random) };
    });
}

fn make_optional(contract: &mut Contract, random: &mut Rng) {
    with_field(contract, random, |fields, place, _| fields[place].optional ^= true);
}

fn another_default(contract: &mut Contract, random: &mut Rng) {
    with_field(contract, random, |fields, place, _| fields[place].default += 1);
}

fn another_rule(contract: &mut Contract, random: &mut Rng) {
    with_field(contract, random, |fields, place, random| {
        if is_number(fields[place].ty) {
            fields[place].max = random.bool().then(|| random.u8(50..60));
        }
    });
}

fn another_variant(contract: &mut Contract, random: &mut Rng) {
    contract.variants = random.usize(1..5);
}

fn another_member(contract: &mut Contract, random: &mut Rng) {
    if random.bool() {
        contract.members.push(member(random));
    } else {
        contract.members[0] = member(random);
    }
}

fn raise_version(contract: &mut Contract, random: &mut Rng) {
    contract.version += random.u16(1..3);
}

fn lower_version(contract: &mut Contract, _: &mut Rng) {
    contract.version = contract.version.saturating_sub(1).max(1);
    contract.min_compatible = contract.min_compatible.min(contract.version);
}

fn raise_min_compatible(contract: &mut Contract, random: &mut Rng) {
    if random.bool() {
        contract.version += 1;
    }
    contract.min_compatible = random.u16(contract.min_compatible..=contract.version);
}

fn lower_min_compatible(contract: &mut Contract, random: &mut Rng) {
    contract.min_compatible = random.u16(1..=contract.min_compatible);
}

fn rename_schema(contract: &mut Contract, random: &mut Rng) {
    // Rarely: it hides whatever else has changed.
    if random.u8(0..4) == 0 {
        contract.schema = "bazaar";
    }
}
