//! Takes the database away from a running server, and gives it back.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::app::TestApp;
use super::browser::Browser;
use super::database::Backend;

/// A server whose database is away until [`Outage::end`].
pub struct Outage {
    pub app: TestApp,
    proxy: Option<TcpProxy>,
}

impl Outage {
    /// Starts another server on the database and takes the database away.
    ///
    /// PostgreSQL is behind a TCP proxy that stops: open connections break and new ones are
    /// refused. SQLite's file is moved. A server that had read the file would keep it open,
    /// so this starts a new server.
    pub async fn of(app: &TestApp) -> Outage {
        match app.database.backend() {
            Backend::Sqlite => {
                let app = app.restarted().await;
                app.database.move_away();
                Outage { app, proxy: None }
            }
            Backend::Postgres => {
                let mut url = url::Url::parse(&app.database.url).expect("a URL");
                let target = SocketAddr::new([127, 0, 0, 1].into(), url.port().unwrap_or(5432));
                let mut proxy = TcpProxy::to(target).await;
                url.set_ip_host(proxy.address.ip())
                    .and_then(|()| url.set_port(Some(proxy.address.port())))
                    .expect("a URL with a host");
                let app = app.restarted_with(&[("DATABASE_URL", url.as_str())]).await;
                proxy.stop().await;
                Outage { app, proxy: Some(proxy) }
            }
        }
    }

    /// Gives the database back.
    pub async fn restore(&mut self) {
        match &mut self.proxy {
            None => self.app.database.move_back(),
            Some(proxy) => proxy.restart().await,
        }
    }

    /// Gives the database back and waits until the server is ready.
    pub async fn end(&mut self) {
        self.restore().await;
        let mut balancer: Browser = self.app.browser();
        for _ in 0..20 {
            if balancer.get("/readyz").await.status == 200 {
                return;
            }
        }
        panic!("the server does not find its database again");
    }
}

/// A TCP proxy on its own port that can be stopped and started.
struct TcpProxy {
    address: SocketAddr,
    target: SocketAddr,
    forwarding: JoinHandle<()>,
}

impl TcpProxy {
    async fn to(target: SocketAddr) -> TcpProxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        TcpProxy { address, target, forwarding: tokio::spawn(forward(listener, target)) }
    }

    async fn stop(&mut self) {
        self.forwarding.abort();
        // The port and the connections are closed only when the task has ended.
        (&mut self.forwarding).await.ok();
    }

    async fn restart(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the same port");
        self.forwarding = tokio::spawn(forward(listener, self.target));
    }
}

async fn forward(listener: TcpListener, target: SocketAddr) {
    let mut connections = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        connections.spawn(async move {
            if let Ok(mut server) = TcpStream::connect(target).await {
                copy_bidirectional(&mut client, &mut server).await.ok();
            }
        });
    }
}
