//! A TCP address that leads to one PostgreSQL server and later to another, as a proxy before a cluster does: who came
//! through it stays where they are, who comes next goes where it leads by then. It can also hang up; or lead on whoever
//! came, too, as a pool before a cluster may.

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
        Self::opened(server, &[], false).await
    }

    /// The same, but whoever came is led on as well, between two questions. They ask one after the other.
    pub async fn leading_on(server: &Path) -> Self {
        Self::opened(server, &[], true).await
    }

    /// The same, but these of those who come, counted from 0, are let in and hung up on at their first question.
    pub async fn hanging_up_on(server: &Path, which: &[usize]) -> Self {
        Self::opened(server, which, false).await
    }

    async fn opened(server: &Path, which: &[usize], leads_on: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let leads_to = Arc::new(Mutex::new(socket(server)));
        let (to, which) = (Arc::clone(&leads_to), BTreeSet::from_iter(which.to_owned()));
        let listener = tokio::spawn(async move {
            for number in 0.. {
                let Ok((client, _)) = listener.accept().await else { return };
                if leads_on {
                    tokio::spawn(lead_on(client, Arc::clone(&to)));
                    continue;
                }
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

/// Where it leads elsewhere by now, what was asked in this session is asked there first, and nobody hears the answers.
async fn lead_on(mut client: TcpStream, leads_to: Arc<Mutex<PathBuf>>) -> Option<()> {
    let leads_to = || leads_to.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut here = leads_to();
    let mut server = UnixStream::connect(&here).await.ok()?;
    let (mut asked, mut heard) = (Vec::new(), Heard::default());
    let (mut question, mut answer) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            read = client.read(&mut question) => {
                let question = &question[..read.ok().filter(|length| *length > 0)?];
                let there = leads_to();
                if there != here {
                    (server, here) = (UnixStream::connect(&there).await.ok()?, there);
                    server.write_all(&asked).await.ok()?;
                    let mut again = Heard::default();
                    while again.answers < heard.answers {
                        let read = server.read(&mut answer).await;
                        again.hear(&answer[..read.ok().filter(|length| *length > 0)?]);
                    }
                }
                asked.extend_from_slice(question);
                server.write_all(question).await.ok()?;
            }
            read = server.read(&mut answer) => {
                let answer = &answer[..read.ok().filter(|length| *length > 0)?];
                heard.hear(answer);
                client.write_all(answer).await.ok()?;
            }
        }
    }
}

/// What a server has said of a session.
#[derive(Default)]
struct Heard {
    rest: Vec<u8>,
    /// How often it was ready for the next question.
    answers: usize,
}

impl Heard {
    fn hear(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        // A message is its kind, the length of what follows that, and so much.
        while let [kind, a, b, c, d, ..] = self.rest[..] {
            let length = 1 + u32::from_be_bytes([a, b, c, d]) as usize;
            if self.rest.len() < length {
                return;
            }
            self.rest.drain(..length);
            self.answers += usize::from(kind == b'Z');
        }
    }
}
