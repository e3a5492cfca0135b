//! Armenian, eastern, in the orthography of the Republic. Its full stop is U+0589.

use super::plural::{Counted, armenian};
use super::{BlockTitles, Direction, LetterWords, PageWords, Strings};
use crate::view::Tracking;

/// Armenian.
pub const HY: Strings = Strings {
    tag: "hy",
    direction: Direction::LeftToRight,
    months: [
        "հունվարի",
        "փետրվարի",
        "մարտի",
        "ապրիլի",
        "մայիսի",
        "հունիսի",
        "հուլիսի",
        "օգոստոսի",
        "սեպտեմբերի",
        "հոկտեմբերի",
        "նոյեմբերի",
        "դեկտեմբերի",
    ],
    weekdays: ["երկուշաբթի", "երեքշաբթի", "չորեքշաբթի", "հինգշաբթի", "ուրբաթ", "շաբաթ", "կիրակի"],
    full_date: |d| format!("{} թ. {} {}, {}", d.year, d.month, d.day, d.weekday),
    plural: armenian,
    blocks: BlockTitles {
        picks: "Խմբագրի ընտրությունը",
        most_read: "Ամենաընթերցվածը",
        latest: "Վերջին նորությունները",
        related: "Նույն թեմայով",
    },
    letter: LetterWords {
        number: |n| format!("№\u{A0}{n}"),
        by: |names| format!("Հեղինակ՝ {names}"),
        and: "և",
        photo: |name| format!("Լուսանկարը՝ {name}"),
        reading: |minutes| format!("{minutes}\u{A0}րոպեի ընթերցանություն"),
        reason: |list| format!("Դուք ստանում եք այս նամակը, որովհետև բաժանորդագրված եք «{list}» տեղեկագրին։"),
        counted: |tracking| match tracking {
            Tracking::None => "Մենք չենք հաշվում, թե ով է բացում այս նամակը և որ հղումներով է անցնում։",
            Tracking::Links => {
                "Հաշվում ենք, թե քանի անգամ է բացվել յուրաքանչյուր հղումը, բայց ոչ՝ ով է բացել։"
            }
            Tracking::Openings => "Հաշվում ենք, թե քանի անգամ է բացվել այս նամակը, բայց ոչ՝ ով է բացել։",
            Tracking::LinksAndOpenings => {
                "Հաշվում ենք, թե քանի անգամ են բացվել այս նամակը և յուրաքանչյուր հղումը, բայց ոչ՝ ով է բացել։"
            }
        },
        preferences: "Բաժանորդագրության կարգավորումներ",
        unsubscribe: "Չեղարկել բաժանորդագրությունը",
        view_in_browser: "Բացել դիտարկիչում",
        test_subject: |subject| format!("[Փորձ] {subject}"),
        test_marking: "Սա փորձնական նամակ է։ Բաժանորդներին այն չի ուղարկվել։",
    },
    pages: PageWords {
        leave_title: "Չեղարկել բաժանորդագրությունը",
        leave_question: |list| format!("Ցանկանո՞ւմ եք հրաժարվել «{list}» տեղեկագրից։"),
        leave_effect: "Դեռ ոչինչ չի փոխվել։ Կոճակը սեղմելուց անմիջապես հետո ձեր հասցեն կհանվի այս ցուցակից։",
        leave_button: "Այո, չեղարկել",
        left_title: "Բաժանորդագրությունը չեղարկված է",
        left_text: |list| {
            format!("«{list}» տեղեկագիրն այլևս չեք ստանա։ Արդեն ուղարկված նամակը կարող է դեռ տեղ հասնել։")
        },
        not_on_title: "Դուք այս ցուցակում չեք",
        not_on_text: |list| {
            format!("«{list}» տեղեկագրի ձեր բաժանորդագրությունն արդեն ավարտված է։ Փոխելու ոչինչ չկար։")
        },
        archive_title: |newsletter| format!("{newsletter}. նախորդ նամակները"),
        archive_empty: "Դեռ ոչ մի նամակ չի ուղարկվել։",
        letters: Counted::same("նամակ"),
        stories: Counted::same("հոդված"),
        to_site: |site| format!("Անցնել {site} կայք"),
        not_found_title: "Այստեղ ոչինչ չկա",
        not_found_text: "Հասցեն գուցե սխալ է գրված, կամ նյութն այլևս հանրային չէ։",
        bad_link_title: "Հղումն ամբողջական չէ",
        bad_link_text: "Ոչինչ չի փոխվել։ Խնդրում ենք կրկին բացել հղումը նամակից. եթե այն բաժանված է մի քանի տողի, պատճենեք ամբողջը։",
        failed_title: "Չհաջողվեց",
        failed_text: "Մեր կողմից սխալ է տեղի ունեցել, և ոչինչ չի փոխվել։ Խնդրում ենք փորձել մի քանի րոպեից։",
    },
    choices: super::choices::HY,
    mails: super::mails::HY,
};
