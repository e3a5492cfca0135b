//! A Maildir on disk, and a keeper that says what it is told to.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::sync::{Arc, Mutex};

use super::super::{MOST_BYTES, NotNow};
use super::*;

/// Keeps in memory. A mail that begins with `person` is for people, one with `later` is not kept.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<Vec<u8>>>>);

impl Keeper for Memory {
    async fn keep(&self, incoming: Incoming) -> Result<Kept, NotNow> {
        let Content::Mail(mail) = incoming.content else { panic!("no mail") };
        assert_eq!((incoming.intake, incoming.came_to), (Intake::Maildir, None));
        if mail.starts_with(b"later") {
            return Err(NotNow("the database is away".to_owned()));
        }
        let person = mail.starts_with(b"person");
        self.0.lock().unwrap().push(mail);
        // Another may work on the same folder in the meantime.
        tokio::task::yield_now().await;
        Ok(if person { Kept::ForPeople } else { Kept::Report })
    }

    fn is_ours(&self, _address: &str) -> bool {
        unreachable!("a folder has no envelope")
    }
}

impl Memory {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|mail| String::from_utf8_lossy(mail).into_owned()).collect()
    }
}

fn maildir() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["new", "cur", "tmp"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    folder
}

/// Puts a file into a folder, as old as `age` seconds.
fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>, age: u64) {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    let at = fs::metadata(&path).unwrap().modified().unwrap() - Duration::from_secs(age);
    File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}

/// The names of all files below a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else {
                all.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    all
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test]
async fn reports_go_and_the_rest_is_put_aside() {
    let folder = maildir();
    put(folder.path(), "new/3.host", "third", 10);
    put(folder.path(), "cur/1.host:2,S", "first", 30);
    put(folder.path(), "cur/2.host:2,RS", "person: second", 20);
    put(folder.path(), "tmp/4.host", "half", 5);
    put(folder.path(), "new/.hidden", "no mail", 5);
    put(folder.path(), "new/5.host", vec![b'x'; MOST_BYTES + 1], 5);
    put(folder.path(), "new/6.host", vec![b'x'; MOST_BYTES], 1);
    let keeper = Memory::default();
    let swept = sweep(folder.path(), &keeper).await.unwrap();
    assert_eq!(swept, Swept { kept: 3, aside: 2, left: 0 });
    let order: Vec<_> = keeper.all().iter().map(|mail| mail.chars().take(14).collect::<String>()).collect();
    assert_eq!(order, ["first", "person: second", "third", "xxxxxxxxxxxxxx"]);
    let left =
        ["tmp/4.host", "new/.hidden", ".aside/cur/2.host:2,", ".aside/cur/5.host:2,", ".aside/maildirfolder"];
    assert_eq!(names(folder.path()), set(&left));
    assert_eq!(fs::read(folder.path().join(".aside/cur/2.host:2,")).unwrap(), b"person: second");
    assert_eq!(sweep(folder.path(), &keeper).await.unwrap(), Swept::default());
}

#[tokio::test]
async fn what_cannot_be_kept_now_stays() {
    let folder = maildir();
    put(folder.path(), "new/1", "one", 30);
    put(folder.path(), "new/2", "later", 20);
    put(folder.path(), "new/3", "three", 10);
    let keeper = Memory::default();
    let swept = sweep(folder.path(), &keeper).await.unwrap();
    assert_eq!(swept, Swept { kept: 1, aside: 0, left: 2 });
    assert_eq!(names(folder.path()), set(&["new/2", "new/3"]));
    put(folder.path(), "new/2", "now", 20);
    assert_eq!(sweep(folder.path(), &keeper).await.unwrap().kept, 2);
    assert_eq!(keeper.all(), ["one", "now", "three"]);
}

#[tokio::test]
async fn links_are_not_followed() {
    let (folder, elsewhere) = (maildir(), maildir());
    put(elsewhere.path(), "secret", "person: secret", 10);
    symlink(elsewhere.path().join("secret"), folder.path().join("new/1")).unwrap();
    symlink(elsewhere.path(), folder.path().join("cur/2")).unwrap();
    fs::create_dir(folder.path().join("new/3")).unwrap();
    let keeper = Memory::default();
    assert_eq!(sweep(folder.path(), &keeper).await.unwrap(), Swept::default());
    assert!(keeper.all().is_empty() && names(folder.path()) == set(&["new/1", "cur/2"]));
    assert!(matches!(files::read(&folder.path().join("new/1")), Found::NotNow(_)));
    assert!(matches!(files::read(&folder.path().join("new/9")), Found::Gone));

    fs::remove_dir_all(folder.path().join("new")).unwrap();
    symlink(elsewhere.path().join("new"), folder.path().join("new")).unwrap();
    assert!(sweep(folder.path(), &keeper).await.unwrap_err().to_string().contains("is a link"));
}

/// Nothing that was put aside is overwritten by a namesake.
#[tokio::test]
async fn namesakes_lie_side_by_side() {
    let folder = maildir();
    put(folder.path(), "new/1.host", "person: a", 10);
    put(folder.path(), "cur/1.host:2,S", "person: b", 5);
    let keeper = Memory::default();
    assert_eq!(sweep(folder.path(), &keeper).await.unwrap().aside, 2);
    put(folder.path(), "new/1.host", "person: c", 10);
    assert_eq!(sweep(folder.path(), &keeper).await.unwrap().aside, 1);
    let aside = fs::read_dir(folder.path().join(".aside/cur")).unwrap();
    let mut contents: Vec<_> =
        aside.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    contents.sort();
    assert_eq!(contents, ["person: a", "person: b", "person: c"]);
}

/// Two of us on one folder, again and again: each mail ends in one place, none in two, none is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_share_a_folder() {
    let folder = maildir();
    for number in 0..200 {
        let kind = if number % 3 == 0 { "person" } else { "report" };
        put(folder.path(), &format!("new/{number:03}"), format!("{kind} {number:03}"), 300 - number);
    }
    let keeper = Memory::default();
    let (one, other) = tokio::join!(sweep(folder.path(), &keeper), sweep(folder.path(), &keeper));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!((one.kept + other.kept, one.aside + other.aside, one.left + other.left), (133, 67, 0));
    let kept: BTreeSet<_> = keeper.all().into_iter().collect();
    assert_eq!(kept.len(), 200);
    let aside = names(&folder.path().join(".aside/cur"));
    assert_eq!(aside.len(), 67, "{aside:?}");
    assert!(fs::read_dir(folder.path().join("new")).unwrap().next().is_none());
}

/// Wherever it was given up, the next sweep ends as if nothing had happened.
#[tokio::test]
async fn a_sweep_that_was_given_up_is_made_up_for() {
    for stop_after in 1..6 {
        let folder = maildir();
        for number in 0..6 {
            let kind = if number % 2 == 0 { "person" } else { "report" };
            put(folder.path(), &format!("new/{number}"), format!("{kind} {number}"), 60 - number);
        }
        let keeper = Memory::default();
        let kept = || keeper.all().len();
        // It has kept the last one, and nobody has seen what it says.
        tokio::select! {
            biased;
            () = async { while kept() < stop_after { tokio::task::yield_now().await } } => {}
            _ = sweep(folder.path(), &keeper) => panic!("it ended before {stop_after}"),
        }
        sweep(folder.path(), &keeper).await.unwrap();
        let all: BTreeSet<_> = keeper.all().into_iter().collect();
        assert_eq!(all.len(), 6);
        let expected = set(&["cur/0:2,", "cur/2:2,", "cur/4:2,", "maildirfolder"]);
        assert_eq!(names(&folder.path().join(".aside")), expected);
        assert!(names(&folder.path().join("new")).is_empty());
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_named() {
    let folder = maildir();
    fs::remove_dir(folder.path().join("new")).unwrap();
    let error = sweep(folder.path(), &Memory::default()).await.unwrap_err().to_string();
    assert!(error.contains(folder.path().to_str().unwrap()), "{error}");
}

#[test]
fn what_may_not_be_read_is_put_aside() {
    let folder = maildir();
    put(folder.path(), "new/1", "one", 10);
    let path = folder.path().join("new/1");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read all.
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let found = files::read(&path);
    assert!(matches!((&found, root), (Found::Unreadable(_), false) | (Found::Mail(_), true)), "{found:?}");
    assert_eq!(files::put_aside(folder.path(), &path).unwrap(), Taken::ByUs);
    assert_eq!(files::put_aside(folder.path(), &path).unwrap(), Taken::ByOthers);
}

#[tokio::test]
async fn watching_takes_what_comes_and_stops() {
    let (one, other) = (maildir(), maildir());
    let keeper = Memory::default();
    let stop = CancellationToken::new();
    let folders = vec![one.path().to_owned(), other.path().to_owned()];
    let watched = tokio::spawn(watch(folders, keeper.clone(), stop.clone()));
    put(one.path(), "new/1", "one", 0);
    put(other.path(), "new/1", "two", 0);
    let all_read = async {
        while keeper.all().len() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), all_read).await.unwrap();
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(10), watched).await.unwrap().unwrap();
}
