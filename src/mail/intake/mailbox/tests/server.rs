//! A server that follows a script: what it says to which command.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Says this; `TAG` stands for the command's tag.
    Say(String),
    /// Says this, and closes.
    SayAndClose(String),
    /// Says this again and again until nobody listens.
    Flood(String),
    /// Says this one byte at a time, and never ends.
    Drip(String),
    /// Says nothing more.
    Silence,
}

/// Says this.
pub fn say(text: &str) -> Act {
    Act::Say(text.to_owned())
}

/// What is said to commands that begin so, the longest beginning first, and only the first time
/// something else where there is a list.
#[derive(Clone, Default)]
pub struct Script(HashMap<String, Vec<Act>>);

impl Script {
    /// A server for IMAP whose folder holds these mails, with UIDs from 11 on.
    pub fn imap(offers: &str, mails: &[&str]) -> Self {
        let ok = "TAG OK done\r\n";
        let mut list = String::new();
        let mut script = Self::default()
            .on("", say("* OK ready\r\n"))
            .on("CAPABILITY", say(&format!("* CAPABILITY IMAP4rev1 {offers}\r\n{ok}")))
            .on("SELECT", say(&format!("* {} EXISTS\r\n* 0 RECENT\r\n{ok}", mails.len())))
            .on("LOGOUT", Act::SayAndClose(format!("* BYE bye\r\n{ok}")))
            .on("UID SEARCH", say(&format!("* SEARCH\r\n{ok}")));
        for (number, mail) in (1..).zip(mails) {
            let (uid, size) = (number + 10, mail.len());
            list.push_str(&format!("* {number} FETCH (UID {uid} RFC822.SIZE {size})\r\n"));
            let whole = format!("* {number} FETCH (UID {uid} BODY[] {{{size}}}\r\n{mail})\r\n{ok}");
            script = script.on(&format!("UID FETCH {uid}"), say(&whole));
        }
        script.on("FETCH", say(&format!("{list}{ok}"))).on("*", say(ok))
    }

    /// A server for POP3 that holds these mails, called `u1` and so on.
    pub fn pop3(offers: &str, mails: &[&str]) -> Self {
        let (mut sizes, mut names) = (String::new(), String::new());
        let mut script = Self::default().on("", say("+OK ready\r\n"));
        for (number, mail) in (1..).zip(mails) {
            sizes.push_str(&format!("{number} {}\r\n", mail.len()));
            names.push_str(&format!("{number} u{number}\r\n"));
            let stuffed = mail.replace("\r\n.", "\r\n..");
            script = script.on(&format!("RETR {number}"), say(&format!("+OK\r\n{stuffed}.\r\n")));
        }
        let script = script
            .on("LIST", say(&format!("+OK\r\n{sizes}.\r\n")))
            .on("UIDL", say(&format!("+OK\r\n{names}.\r\n")))
            .on("STAT", say(&format!("+OK {} 100\r\n", mails.len())))
            .on("CAPA", say(&format!("+OK\r\n{offers}\r\n.\r\n")));
        script.on("*", say("+OK\r\n"))
    }

    /// The same with another answer to one command; `*` is any, and the empty one the greeting.
    pub fn on(mut self, command: &str, act: Act) -> Self {
        self.0.insert(command.to_owned(), vec![act]);
        self
    }

    /// What is said first to a command.
    pub fn first(&self, command: &str) -> Act {
        self.0[command][0].clone()
    }

    /// The same with these answers to one command, one after the other; the last one stays.
    pub fn then(mut self, command: &str, acts: &[Act]) -> Self {
        self.0.insert(command.to_owned(), acts.to_vec());
        self
    }
}

struct Shared {
    script: Script,
    said: Mutex<HashMap<String, usize>>,
    heard: Mutex<Vec<String>>,
}

/// A running server.
pub struct Server {
    /// Where.
    pub port: u16,
    shared: Arc<Shared>,
}

impl Server {
    /// Starts one that lives as long as the test.
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared { script, said: Mutex::default(), heard: Mutex::default() });
        let server = Self { port, shared: Arc::clone(&shared) };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { drop(talk(socket, &shared).await) });
            }
        });
        server
    }

    /// The commands that it heard, without their tags; the empty one is a connection.
    pub fn heard(&self) -> Vec<String> {
        self.shared.heard.lock().unwrap().clone()
    }

    /// How many commands began so.
    pub fn count(&self, beginning: &str) -> usize {
        self.heard().iter().filter(|command| command.starts_with(beginning)).count()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.heard().iter().filter(|command| command.is_empty()).count()
    }
}

async fn talk(socket: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut io = BufReader::new(socket);
    let (mut tag, mut command) = (String::new(), String::new());
    loop {
        shared.heard.lock().unwrap().push(command.clone());
        match shared.act(&command) {
            Act::Say(text) => io.write_all(text.replace("TAG", &tag).as_bytes()).await?,
            Act::SayAndClose(text) => {
                io.write_all(text.replace("TAG", &tag).as_bytes()).await?;
                return io.shutdown().await;
            }
            Act::Flood(text) => loop {
                io.write_all(text.as_bytes()).await?;
            },
            Act::Drip(text) => {
                for byte in text.bytes().cycle() {
                    io.write_all(&[byte]).await?;
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
            }
            Act::Silence => std::future::pending::<()>().await,
        }
        let mut line = String::new();
        if io.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        // IMAP's commands have a tag, a lower-case n and a number.
        let tagged = line.split_once(' ').filter(|(tag, _)| tag.starts_with('n'));
        command = tagged.map_or(line, |(_, command)| command).to_owned();
        if let Some((new, _)) = tagged {
            tag = new.to_owned();
        }
    }
}

impl Shared {
    fn act(&self, command: &str) -> Act {
        let fits = |beginning: &&String| match beginning.as_str() {
            "" => command.is_empty(),
            beginning => command.starts_with(beginning),
        };
        let found = self.script.0.keys().filter(fits).max_by_key(|beginning| beginning.len());
        let beginning = found.map_or("*", String::as_str);
        let acts = &self.script.0[beginning];
        let mut said = self.said.lock().unwrap();
        let times = said.entry(beginning.to_owned()).or_default();
        *times += 1;
        acts[(*times - 1).min(acts.len() - 1)].clone()
    }
}
