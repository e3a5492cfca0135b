//! How letters leave: several relays, providers, canaries, and the limits of each.

use std::num::NonZeroU64;
use std::path::Path;

use super::super::{Extension, Newsletter, SignIn};
use super::{SMALL, problems, read, with};

const RELAY: &str = "url = \"smtp://127.0.0.1:25\"";

const SENDER: &str = "from = \"news@example.org\"";

/// The small configuration with more below its relay.
fn relay(more: &str) -> String {
    with(RELAY, &format!("{RELAY}\n{more}"))
}

/// The small configuration with more at the end of its newsletter, before its blocks.
fn newsletter(more: &str) -> String {
    with(SENDER, &format!("{SENDER}\n{more}"))
}

#[test]
fn a_relay_that_says_nothing_has_the_defaults_of_the_standard() {
    let config = read(SMALL, &[]).unwrap();
    let relay = &config.relays[0];
    assert_eq!((relay.weight.get(), relay.connections.get()), (1, 4));
    assert_eq!((relay.auth, relay.pipelining, relay.dsn), (SignIn::Password, Extension::Use, Extension::Use));
    let timeouts = [relay.connect_timeout, relay.timeout, relay.body_timeout, relay.accept_timeout];
    assert_eq!(timeouts.map(crate::config::TimeSpan::seconds), [30, 60, 180, 600]);
    assert_eq!((relay.messages_per_connection.get(), relay.per_hour, relay.per_day), (1000, None, None));
    assert!(relay.warm_up.is_empty() && relay.warm_up_from.is_none());
    let delivery = &config.delivery;
    assert_eq!((delivery.batch.get(), delivery.pause_after.get()), (500, 50));
    assert_eq!(delivery.keep.to_string(), "400d");
    assert!(config.newsletters[0].relays.is_empty() && config.newsletters[0].canary.is_none());
}

#[test]
fn several_relays_keep_their_order_and_their_own_settings() {
    let text = relay(
        "weight = 3\nper_hour = 1000\nper_day = 20000\nwarm_up = [50, 100]\nwarm_up_from = \"2026-11-25\"\n\
         pipelining = \"never\"\ndsn = \"never\"\naccept_timeout = \"5m\"\n\
         [[relays]]\nname = \"spare\"\nurl = \"smtps://news@mail.example.net\"\npassword_file = \"token\"\n\
         auth = \"xoauth2\"",
    );
    let config = read(&text, &[("NEWSLETTERD__RELAYS__1__WEIGHT", "2")]).unwrap();
    let names: Vec<_> = config.relays.iter().map(|relay| relay.name.as_str()).collect();
    assert_eq!(names, ["main", "spare"]);
    let (main, spare) = (config.relay("main").unwrap(), config.relay("spare").unwrap());
    assert!(config.relay("other").is_none());
    assert_eq!((main.weight.get(), spare.weight.get()), (3, 2));
    assert_eq!(
        (main.per_hour.map(NonZeroU64::get), main.per_day.map(NonZeroU64::get)),
        (Some(1000), Some(20_000))
    );
    assert_eq!(main.warm_up.iter().map(|day| day.get()).collect::<Vec<_>>(), [50, 100]);
    assert_eq!(main.warm_up_from.map(|day| day.to_string()).as_deref(), Some("2026-11-25"));
    assert_eq!(
        (main.pipelining, main.dsn, main.accept_timeout.seconds()),
        (Extension::Ignore, Extension::Ignore, 300)
    );
    assert_eq!((spare.auth, spare.pipelining), (SignIn::Xoauth2, Extension::Use));
}

#[test]
fn a_provider_is_found_by_the_domain_of_an_address() {
    let text = with(
        "[site]",
        "[[providers]]\nname = \"one\"\ndomains = [\"Mail.Example.net\", \"bücher.example\"]\nrate = \"20/s\"\n\
         [[providers]]\nname = \"two\"\ndomains = [\"two.example\"]\nconnections = 2\n[site]",
    );
    let config = read(&text, &[]).unwrap();
    let of = |domain| config.provider_of(domain).map(|provider| provider.name.as_str());
    assert_eq!((of("mail.example.net"), of("xn--bcher-kva.example")), (Some("one"), Some("one")));
    assert_eq!((of("two.example"), of("sub.two.example"), of("example.net")), (Some("two"), None, None));
    // A list of the environment counts like one of the file.
    let taken = read(&text, &[("NEWSLETTERD__PROVIDERS__1__DOMAINS", "three.example, MAIL.example.net")]);
    let taken = taken.unwrap_err().to_string();
    assert!(
        taken.contains("providers[1].domains[1]: mail.example.net is a domain of providers[0] already"),
        "{taken}"
    );
}

#[test]
fn what_contradicts_itself_is_refused_with_what_would_be_right() {
    let provider = |more: &str| with("[site]", &format!("[[providers]]\nname = \"one\"\n{more}\n[site]"));
    for (text, expected) in [
        (relay("weight = 0"), "relays[0].weight: is 0; a whole number from 1 to 65535 is wanted"),
        (relay("per_day = 0"), "relays[0].per_day: is 0; a whole number from 1 is wanted"),
        (relay("auth = \"xoauth2\""), "relays[0].auth: has no user to sign in"),
        (relay("auth = \"xoauth\""), "did you mean \"xoauth2\"?"),
        (relay("pipelining = \"always\""), "relays[0].pipelining: \"always\" is not what can stand here"),
        (relay("warm_up = [1000]"), "relays[0].warm_up_from: is missing: warm_up needs its first day"),
        (relay("warm_up_from = \"2026-11-25\""), "relays[0].warm_up: is missing"),
        (relay("warm_up = [0]\nwarm_up_from = \"2026-11-25\""), "relays[0].warm_up[0]: is 0"),
        (
            relay("warm_up = [1]\nwarm_up_from = 2026-11-25"),
            "relays[0].warm_up_from: is a date; a day in quotes such as \"2026-11-25\" is wanted",
        ),
        (relay("warm_up = [1]\nwarm_up_from = \"2026-02-30\""), "warm_up_from: \"2026-02-30\" is not a day"),
        (relay("body_timeout = \"0s\""), "relays[0].body_timeout: must be longer than 0s"),
        (relay("accept_timout = \"1m\""), "accept_timout: unknown key; did you mean \"accept_timeout\"?"),
        (
            relay("[[relays]]\nname = \"main\"\nurl = \"smtp://localhost\""),
            "relays[1].name: \"main\" is the name of relays[0] already",
        ),
        (
            provider("domains = [\"one.example\"]"),
            "providers[0].rate: is missing, and so is connections: a provider has at least one limit, such as \
             rate = \"20/s\"",
        ),
        (provider("rate = \"1/s\""), "providers[0].domains: is empty"),
        (
            provider("rate = \"1/s\"\ndomains = [\"127.0.0.1\"]"),
            "domains: names 127.0.0.1, which is no domain",
        ),
        (
            provider("rate = \"1/s\"\ndomains = [\"a b\"]"),
            "providers[0].domains[0]: \"a b\" is not a host name",
        ),
        (provider("rate = \"1/s\"\ndomain = [\"one.example\"]"), "unknown key; did you mean \"domains\"?"),
        (
            newsletter("relays = [\"mian\"]"),
            "newsletters[0].relays[0]: no relay \"mian\" is declared under [[relays]]; did you mean \"main\"?",
        ),
        (newsletter("finish_within = \"0s\""), "newsletters[0].finish_within: must be longer than 0s"),
        (
            newsletter("[newsletters.canary]"),
            "newsletters[0].canary.first: is missing: say who gets it first",
        ),
        (
            newsletter("[newsletters.canary]\nfirst = 10\nseeds = [\"a@example.org\"]"),
            "newsletters[0].canary.seeds: cannot stand beside first",
        ),
        (
            newsletter("[newsletters.canary]\nfirst = 10\nmax_errors = 2"),
            "canary.max_errors: is a number; a share such as \"2%\" or \"0.5%\" is wanted",
        ),
        (newsletter("[newsletters.canary]\nfirst = 10\nmax_error = \"2%\""), "did you mean \"max_errors\"?"),
        (with("[site]", "[delivery]\nbatch = 5001\n[site]"), "delivery.batch: is more than 5000"),
        (with("[site]", "[delivery]\nkeep = \"1h\"\n[site]"), "delivery.keep: is shorter than 1d"),
        (with("[site]", "[delivery]\npause_after = 0\n[site]"), "delivery.pause_after: is 0"),
    ] {
        let found = problems(&text);
        assert!(found.contains(expected), "{expected}\nin\n{found}");
    }
}

#[test]
fn a_canary_is_stored_and_read_back_and_one_of_an_older_edition_is_none() {
    let text = newsletter(
        "finish_within = \"1h\"\nrelays = [\"main\"]\n[newsletters.canary]\nseeds = [\"a@example.org\"]\nwait = \"5m\"\n\
         max_errors = \"0.5%\"",
    );
    let config = read(&text, &[]).unwrap();
    let newsletter = &config.newsletters[0];
    let canary = newsletter.canary.as_ref().unwrap();
    assert_eq!((canary.first, canary.seeds.len(), canary.wait.seconds()), (None, 1, 300));
    assert!(canary.max_errors.is_exceeded(1, 199) && !canary.max_errors.is_exceeded(1, 200));
    let mut stored = serde_json::to_value(newsletter).unwrap();
    assert_eq!(&serde_json::from_value::<Newsletter>(stored.clone()).unwrap(), newsletter);
    let members = stored.as_object_mut().unwrap();
    for key in ["canary", "finish_within", "relays"] {
        members.remove(key).unwrap();
    }
    assert_eq!(
        serde_json::from_value::<Newsletter>(stored).unwrap(),
        read(SMALL, &[]).unwrap().newsletters[0]
    );
}

#[test]
fn the_journals_lie_beside_the_database_unless_their_folder_is_named() {
    let journal = |environment: &[(&str, &str)]| read(SMALL, environment).unwrap().journal();
    assert_eq!(journal(&[]), Path::new("journal"));
    let sqlite = ("NEWSLETTERD__DATABASE__URL", "sqlite:/srv/n.db");
    assert_eq!(journal(&[sqlite]), Path::new("/srv/journal"));
    assert_eq!(journal(&[sqlite, ("NEWSLETTERD__SECRETS__KEY_FILE", "/etc/k")]), Path::new("/srv/journal"));
    assert_eq!(journal(&[sqlite, ("NEWSLETTERD__DELIVERY__JOURNAL", "/var/j")]), Path::new("/var/j"));
}
