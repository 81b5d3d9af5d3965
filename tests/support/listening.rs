//! Runs a panel on a socket inside the test's process, where the test reaches its clock and state.

use std::net::SocketAddr;

use kafkasder_panel::FRONT;
use kafkasder_panel::server::serve::serve_until;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::app::TestApp;

/// A listening panel.
pub struct Listening {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<()>,
}

impl TestApp {
    /// Makes this panel listen. Stopping it closes its database.
    pub async fn listening(&self) -> Listening {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let panel = self.state.clone();
        let ended = tokio::spawn(async move {
            serve_until(async { stopped.await.unwrap_or_default() }, listener, &panel, FRONT).await
        });
        Listening { address, stop: Some(stop), ended }
    }
}

impl Listening {
    /// Sends a whole request and closes the connection before the response.
    pub async fn send_and_disconnect(&self, request: &[u8]) {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        stream.write_all(request).await.expect("sent");
    }

    /// Sends bytes and returns the first line of the response.
    pub async fn first_line(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        // The write fails when the server closes the connection early.
        stream.write_all(request).await.ok();
        BufReader::new(stream).lines().next_line().await.ok().flatten().unwrap_or_default()
    }

    /// Stops the panel, as a service manager does.
    pub fn stop(&mut self) {
        self.stop.take().expect("it is stopped only once").send(()).expect("it listens");
    }

    /// Waits until the panel has ended.
    pub async fn ended(self) {
        self.ended.await.expect("it ends in order");
    }
}
