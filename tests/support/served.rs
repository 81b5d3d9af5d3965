//! A panel on a socket, in the test's own process: its clock and its work are in reach.

use std::net::SocketAddr;

use kafkasder_panel::FRONT;
use kafkasder_panel::server::serve::serve_until;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::app::TestApp;

/// A listening panel.
pub struct Served {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<()>,
}

impl TestApp {
    /// Listens with this panel; when it is told to stop, its database is closed.
    pub async fn served(&self) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let panel = self.state.clone();
        let ended = tokio::spawn(async move {
            serve_until(async { stopped.await.unwrap_or_default() }, listener, &panel, FRONT).await
        });
        Served { address, stop: Some(stop), ended }
    }
}

impl Served {
    /// Sends a request whole, and is gone before any answer.
    pub async fn send_and_go(&self, request: &[u8]) {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        stream.write_all(request).await.expect("sent");
    }

    /// Sends bytes, and gives the first line of the answer.
    pub async fn first_line(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        // A server that has heard enough closes while this still sends.
        stream.write_all(request).await.ok();
        BufReader::new(stream).lines().next_line().await.ok().flatten().unwrap_or_default()
    }

    /// Tells it to end, as a service manager does.
    pub fn stop(&mut self) {
        self.stop.take().expect("it was told once").send(()).expect("it listens");
    }

    /// Waits until it has ended.
    pub async fn ended(self) {
        self.ended.await.expect("it ends in order");
    }
}
