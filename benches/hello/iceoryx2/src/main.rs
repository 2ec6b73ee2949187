use iceoryx2::prelude::*;

#[derive(Debug, Clone, Copy, ZeroCopySend)]
#[repr(C)]
struct Alarm {
    room: [u8; 16],
    excess: i32,
}

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let node = NodeBuilder::new().create::<ipc::Service>()?;
    let name = format!("hello/{}", std::process::id());
    let service = node.service_builder(&name.as_str().try_into()?).publish_subscribe::<Alarm>().open_or_create()?;
    let subscriber = service.subscriber_builder().create()?;
    let publisher = service.publisher_builder().create()?;
    let mut room = [0; 16];
    room[..5].copy_from_slice(b"attic");
    publisher.loan_uninit()?.write_payload(Alarm { room, excess: 625 }).send()?;
    let alarm = subscriber.receive()?.ok_or("nothing came")?;
    println!("{}: {}", std::str::from_utf8(&alarm.room)?.trim_end_matches('\0'), alarm.excess);
    Ok(())
}
