//! A TCP address that leads to one PostgreSQL server and later to another, as a proxy before a cluster does: who came
//! through it stays where they are, who comes next goes where it leads by then. It can also hang up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinHandle;

/// It closes when dropped; who came through it stays.
pub struct Door {
    port: u16,
    leads_to: Arc<Mutex<PathBuf>>,
    listener: JoinHandle<()>,
}

impl Door {
    /// To the server whose unix socket is in this folder.
    pub async fn to(server: &Path) -> Self {
        Self::hanging_up_on(server, &[]).await
    }

    /// The same, but these of those who come, counted from 0, are let in and hung up on at their first question.
    pub async fn hanging_up_on(server: &Path, which: &[usize]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let leads_to = Arc::new(Mutex::new(socket(server)));
        let (to, which) = (Arc::clone(&leads_to), BTreeSet::from_iter(which.to_owned()));
        let listener = tokio::spawn(async move {
            for number in 0.. {
                let Ok((client, _)) = listener.accept().await else { return };
                let to = to.lock().unwrap_or_else(PoisonError::into_inner).clone();
                tokio::spawn(pass(client, to, which.contains(&number)));
            }
        });
        Self { port, leads_to, listener }
    }

    /// Whoever comes from now on is led to this server.
    pub fn lead_to(&self, server: &Path) {
        *self.leads_to.lock().unwrap_or_else(PoisonError::into_inner) = socket(server);
    }

    /// The URL of a database behind it.
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join(".s.PGSQL.5432")
}

async fn pass(mut client: TcpStream, to: PathBuf, hangs_up: bool) {
    let Ok(mut server) = UnixStream::connect(to).await else { return };
    if hangs_up {
        let mut startup = [0; 1024];
        let Ok(length) = client.read(&mut startup).await else { return };
        let _ = server.write_all(&startup[..length]).await;
        let (mut answer, mut question) = ([0; 1024], [0; 1]);
        loop {
            tokio::select! {
                read = server.read(&mut answer) => match read {
                    Ok(length @ 1..) => drop(client.write_all(&answer[..length]).await),
                    Ok(0) | Err(_) => return,
                },
                _ = client.read(&mut question) => return,
            }
        }
    }
    let _ = copy_bidirectional(&mut client, &mut server).await;
}
