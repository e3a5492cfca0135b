//! Georgian, in Mkhedruli only: upper-casing would make Mtavruli, which many fonts lack.

use super::plural::{Counted, one_is_one};
use super::{BlockTitles, Direction, LetterWords, PageWords, Strings};
use crate::view::Tracking;

/// Georgian.
pub const KA: Strings = Strings {
    tag: "ka",
    direction: Direction::LeftToRight,
    months: [
        "იანვარი",
        "თებერვალი",
        "მარტი",
        "აპრილი",
        "მაისი",
        "ივნისი",
        "ივლისი",
        "აგვისტო",
        "სექტემბერი",
        "ოქტომბერი",
        "ნოემბერი",
        "დეკემბერი",
    ],
    weekdays: ["ორშაბათი", "სამშაბათი", "ოთხშაბათი", "ხუთშაბათი", "პარასკევი", "შაბათი", "კვირა"],
    full_date: |d| format!("{}, {} {}, {}", d.weekday, d.day, d.month, d.year),
    plural: one_is_one,
    blocks: BlockTitles {
        picks: "რედაქტორის რჩეული",
        most_read: "ყველაზე კითხვადი",
        latest: "უახლესი ამბები",
        related: "ამავე თემაზე",
    },
    letter: LetterWords {
        number: |n| format!("№\u{A0}{n}"),
        by: |names| format!("ავტორი: {names}"),
        and: "და",
        photo: |name| format!("ფოტო: {name}"),
        reading: |minutes| format!("{minutes}\u{A0}წუთის საკითხავი"),
        reason: |list| format!("ამ წერილს იღებთ, რადგან გამოწერილი გაქვთ „{list}“."),
        counted: |tracking| match tracking {
            Tracking::None => "არ ვითვლით, ვინ ხსნის ამ წერილს და რომელ ბმულებზე გადადის.",
            Tracking::Links => "ვითვლით, რამდენჯერ გადავიდნენ თითოეულ ბმულზე, მაგრამ არა იმას, თუ ვინ.",
            Tracking::Openings => "ვითვლით, რამდენჯერ გაიხსნა ეს წერილი, მაგრამ არა იმას, თუ ვინ გახსნა.",
            Tracking::LinksAndOpenings => {
                "ვითვლით, რამდენჯერ გაიხსნა ეს წერილი და რამდენჯერ გადავიდნენ თითოეულ ბმულზე, მაგრამ არა იმას, თუ ვინ."
            }
        },
        preferences: "გამოწერის პარამეტრები",
        unsubscribe: "გამოწერის გაუქმება",
        view_in_browser: "ბრაუზერში ნახვა",
        test_subject: |subject| format!("[ტესტი] {subject}"),
        test_marking: "ეს სატესტო წერილია. გამომწერებს არ გაგზავნიათ.",
    },
    pages: PageWords {
        leave_title: "გამოწერის გაუქმება",
        leave_question: |list| format!("გსურთ გააუქმოთ „{list}“-ის გამოწერა?"),
        leave_effect: "ჯერ არაფერი შეცვლილა. ღილაკზე დაჭერისთანავე ამოგშლით ამ სიიდან.",
        leave_button: "დიახ, გააუქმეთ გამოწერა",
        left_title: "გამოწერა გაუქმებულია",
        left_text: |list| {
            format!("„{list}“ აღარ გამოგეგზავნებათ. თუ წერილი უკვე გზაშია, ის შეიძლება კიდევ მიიღოთ.")
        },
        not_on_title: "თქვენ ამ სიაში არ ხართ",
        not_on_text: |list| format!("„{list}“-ის გამოწერა უკვე დასრულებულია. შესაცვლელი არაფერი იყო."),
        archive_title: |newsletter| format!("{newsletter}: წინა წერილები"),
        archive_empty: "ჯერ არც ერთი წერილი არ გაგზავნილა.",
        letters: Counted::same("წერილი"),
        stories: Counted::same("სტატია"),
        to_site: |site| format!("{site} – საიტზე გადასვლა"),
        not_found_title: "აქ არაფერია",
        not_found_text: "შესაძლოა, მისამართი არასწორადაა აკრეფილი ან მასალა საჯარო აღარ არის.",
        bad_link_title: "ბმული დაზიანებულია",
        bad_link_text: "არაფერი შეცვლილა. გთხოვთ, ბმული ხელახლა გახსნათ წერილიდან; თუ ის რამდენიმე სტრიქონადაა გაყოფილი, დააკოპირეთ მთლიანად.",
        failed_title: "ვერ მოხერხდა",
        failed_text: "ჩვენს მხარეს შეცდომა მოხდა და არაფერი შეცვლილა. გთხოვთ, სცადოთ რამდენიმე წუთში.",
    },
    choices: super::choices::KA,
    mails: super::mails::KA,
};
