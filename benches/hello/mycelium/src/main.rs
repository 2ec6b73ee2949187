use mycelium_rt::{Config, Emit, routing_config, service};

mod contracts {
    mycelium_rt::include_contracts!();
}
use contracts::{Alarm, AlarmFields, Reading, ReadingFields};

struct Guard;

#[service]
impl Guard {
    #[handle]
    fn on_reading(&mut self, reading: &Reading, cx: &mut impl Emit<Alarm>) {
        let alarm = AlarmFields { room: reading.room(), excess: reading.temperature - 2500 };
        cx.emit(&Alarm::try_from(alarm).expect("a room that came in a message"));
    }
}

struct Siren {
    alarms: u32,
}

#[service]
impl Siren {
    #[handle]
    fn on_alarm(&mut self, alarm: &Alarm) {
        self.alarms += 1;
        println!("{}: {}", alarm.room(), alarm.excess);
    }
}

routing_config! {
    name: Attic,
    services: { guard: Guard },
    routes: { Reading => [guard], Alarm => [house via unix("hello.sock")] },
}

routing_config! {
    name: House,
    services: { siren: Siren },
    inputs: { attic: unix("hello.sock") [Alarm] },
    routes: { Alarm => [siren] },
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let house = House::start(HouseServices { siren: Siren { alarms: 0 } }, &Config::default())?;
    let mut attic = Attic::open(AtticServices { guard: Guard }, &Config::default())?;
    attic.route_reading(&Reading::try_from(ReadingFields { room: "attic", temperature: 3125 })?);
    attic.flush();
    let alarms = house.shutdown(std::time::Duration::from_secs(5)).services.siren.alarms;
    println!("{alarms} alarm");
    Ok(())
}
