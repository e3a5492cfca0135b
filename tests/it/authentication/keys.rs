//! `newsletterd dkim new` and `show`, and keys that cannot be used.

use std::os::unix::fs::PermissionsExt as _;

use data_encoding::BASE64_MIME;
use mail_auth::dkim::generate::DkimKeyPair;
use serde_json::Value;

use crate::process::Place;
use crate::support::engine::{NO_RELAY, daily_config};

const NEW: [&str; 6] = ["dkim", "new", "--domain", "Example.org", "--selector", "s1"];

#[test]
fn new_keys_go_from_the_command_to_the_configuration_to_the_records() {
    let place = Place::new();
    let made = place.ok(&NEW);
    for name in ["dkim-example.org-s1-rsa.pem", "dkim-example.org-s1-ed25519.pem"] {
        let mode = std::fs::metadata(place.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let (dns, sections) = made.stdout.split_once("\n# into newsletter.toml").unwrap();
    let sections: String = sections.lines().skip(1).map(|line| format!("{line}\n")).collect();
    assert!(dns.contains("_dmarc.example.org. IN TXT \"v=DMARC1;"), "{dns}");

    place.write("newsletter.toml", format!("{sections}\n{}", daily_config(NO_RELAY)));
    let checked = place.ok(&["check", "--offline"]).stdout;
    assert!(!checked.contains("warn") && !checked.contains("nothing is signed"), "{checked}");
    let shown = place.ok(&["dkim", "show"]).stdout;
    let records = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with(';') && !line.starts_with("_dmarc"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(records(&shown), records(dns));
    let lines = place.ok(&["dkim", "show", "--json"]).stdout;
    let objects: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 2);
    assert_eq!(objects[0]["name"], "s1-rsa._domainkey.example.org");
    assert_eq!(objects[0]["algorithm"], "rsa-sha256");
    assert_eq!(objects[0]["strings"].as_array().unwrap().len(), 2);
    assert_eq!(objects[1]["algorithm"], "ed25519-sha256");
    assert!(objects[1]["txt"].as_str().unwrap().starts_with("v=DKIM1; k=ed25519; p="));
    for secret in ["BEGIN", "PRIVATE"] {
        assert!(!format!("{}{}{shown}{lines}", made.stdout, made.stderr).contains(secret));
    }
}

#[test]
fn keys_are_never_written_over() {
    let place = Place::new();
    let pem = place.write("dkim-example.org-s1-ed25519.pem", "the only copy");
    let ran = place.run(&NEW);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("is not written over") && ran.stderr.contains("--selector"),
        "{}",
        ran.stderr
    );
    assert_eq!(std::fs::read_to_string(&pem).unwrap(), "the only copy");
    assert!(!place.path().join("dkim-example.org-s1-rsa.pem").exists(), "nor is half a pair left");
    let ran = place.run(&["dkim", "new", "--domain", "example.org", "--dir", "missing"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("missing/dkim-example.org-n2"), "{}", ran.stderr);
    for wrong in ["localhost", "a b", ""] {
        assert_eq!(place.run(&["dkim", "new", "--domain", wrong]).code, Some(2), "{wrong}");
    }
}

#[test]
fn a_key_that_cannot_sign_stops_the_start_and_names_file_and_remedy() {
    let section = "[[dkim]]\ndomain = \"example.org\"\nselector = \"s1\"\nkey_file = \"key.pem\"\n";
    let place = Place::with(&format!("{section}\n{}", daily_config(NO_RELAY)));
    let small = DkimKeyPair::generate_rsa(1024).unwrap();
    let small = format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{}-----END RSA PRIVATE KEY-----\n",
        BASE64_MIME.encode(small.private_key()).replace('\r', "")
    );
    for (pem, says) in [
        (None, "cannot be read"),
        (Some("no key"), "no private key in PEM form"),
        (Some(&*small), "fewer than 2048"),
    ] {
        if let Some(pem) = pem {
            place.write("key.pem", pem);
        }
        for command in [&["check", "--offline"][..], &["serve"], &["dkim", "show"]] {
            let ran = place.run(command);
            assert_eq!(ran.code, Some(2), "{command:?}: {}", ran.stderr);
            for word in ["key.pem", "s1._domainkey.example.org", says] {
                assert!(ran.stderr.contains(word), "{command:?}: {}", ran.stderr);
            }
        }
    }
}

#[test]
fn a_key_may_be_a_credential_of_the_unit() {
    let place = Place::new();
    std::fs::create_dir(place.path().join("credentials")).unwrap();
    place.ok(&[&NEW[..], &["--dir", "credentials"]].concat());
    let section = "[[dkim]]\ndomain = \"example.org\"\nselector = \"s1-rsa\"\nkey_file = \"dkim-example.org-s1-rsa.pem\"\n";
    place.write("newsletter.toml", format!("{section}\n{}", daily_config(NO_RELAY)));
    assert_eq!(place.run(&["dkim", "show"]).code, Some(2));
    let folder = place.path().join("credentials");
    let ran = place.run_with(&["dkim", "show"], &[("CREDENTIALS_DIRECTORY", folder.to_str().unwrap())], b"");
    assert!(ran.stdout.contains("s1-rsa._domainkey.example.org"), "{}", ran.stderr);
}

#[test]
fn two_keys_under_one_name_and_bad_names_are_refused() {
    let section = "[[dkim]]\ndomain = \"example.org\"\nselector = \"s1\"\nkey_file = \"key.pem\"\n";
    let twice = format!("{section}{}", section.replace("s1", "S1"));
    for (sections, says) in [
        (twice.as_str(), "is the selector of dkim[0] for example.org already"),
        (&section.replace("s1", "s_1"), "is not a selector"),
        (&section.replace("example.org", "192.0.2.1"), "is no domain that mail comes from"),
        (&format!("{section}sign = \"later\"\n"), "\"now\" or \"standby\""),
    ] {
        let ran =
            Place::with(&format!("{sections}\n{}", daily_config(NO_RELAY))).run(&["check", "--offline"]);
        assert_eq!(ran.code, Some(2), "{sections}");
        assert!(ran.stderr.contains(says) && ran.stderr.contains("dkim["), "{}", ran.stderr);
    }
}
