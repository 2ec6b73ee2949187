pub mod contracts {
    tonic::include_proto!("hello");
}
use contracts::guard_client::GuardClient;
use contracts::guard_server::{Guard, GuardServer};
use contracts::{Alarm, Reading};
use tonic::{Request, Response, Status};

struct House;

#[tonic::async_trait]
impl Guard for House {
    async fn report(&self, reading: Request<Reading>) -> Result<Response<Alarm>, Status> {
        let reading = reading.into_inner();
        Ok(Response::new(Alarm { room: reading.room, excess: reading.temperature - 2500 }))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    tokio::spawn(tonic::transport::Server::builder().add_service(GuardServer::new(House)).serve_with_incoming(incoming));
    let mut client = GuardClient::connect(format!("http://{address}")).await?;
    let alarm = client.report(Reading { room: "attic".into(), temperature: 3125 }).await?.into_inner();
    println!("{}: {}", alarm.room, alarm.excess);
    Ok(())
}
