//! Azerbaijani in Latin script. Never change its case by code: i and ı, I and İ are four letters.

use super::plural::{Counted, one_is_one};
use super::{BlockTitles, Direction, LetterWords, PageWords, Strings};
use crate::view::Tracking;

/// Azerbaijani.
pub const AZ: Strings = Strings {
    tag: "az",
    direction: Direction::LeftToRight,
    months: [
        "yanvar", "fevral", "mart", "aprel", "may", "iyun", "iyul", "avqust", "sentyabr", "oktyabr",
        "noyabr", "dekabr",
    ],
    weekdays: ["bazar ertəsi", "çərşənbə axşamı", "çərşənbə", "cümə axşamı", "cümə", "şənbə", "bazar"],
    full_date: |d| format!("{} {} {}, {}", d.day, d.month, d.year, d.weekday),
    plural: one_is_one,
    blocks: BlockTitles {
        picks: "Redaktorun seçimi",
        most_read: "Ən çox oxunanlar",
        latest: "Son xəbərlər",
        related: "Mövzu ilə bağlı",
    },
    letter: LetterWords {
        number: |n| format!("№\u{A0}{n}"),
        by: |names| format!("Müəllif: {names}"),
        and: "və",
        photo: |name| format!("Foto: {name}"),
        reading: |minutes| format!("{minutes}\u{A0}dəqiqəlik oxu"),
        reason: |list| format!("Bu məktubu “{list}” bülleteninə abunə olduğunuz üçün alırsınız."),
        counted: |tracking| match tracking {
            Tracking::None => "Bu məktubu kimin açdığını və hansı keçidlərə daxil olduğunu saymırıq.",
            Tracking::Links => "Hər keçidin neçə dəfə açıldığını sayırıq, amma kimin açdığını yox.",
            Tracking::Openings => "Bu məktubun neçə dəfə açıldığını sayırıq, amma kimin açdığını yox.",
            Tracking::LinksAndOpenings => {
                "Bu məktubun və hər keçidin neçə dəfə açıldığını sayırıq, amma kimin açdığını yox."
            }
        },
        preferences: "Abunəlik ayarları",
        unsubscribe: "Abunəlikdən çıxmaq",
        view_in_browser: "Brauzerdə açmaq",
        test_subject: |subject| format!("[Sınaq] {subject}"),
        test_marking: "Bu, sınaq məktubudur. Abunəçilərə göndərilməyib.",
    },
    pages: PageWords {
        leave_title: "Abunəlikdən çıxmaq",
        leave_question: |list| format!("“{list}” bülletenindən çıxmaq istəyirsiniz?"),
        leave_effect: "Hələ heç nə dəyişməyib. Düyməni basan kimi ünvanınız bu siyahıdan çıxarılacaq.",
        leave_button: "Bəli, abunəliyi ləğv edin",
        left_title: "Abunəlik ləğv edildi",
        left_text: |list| {
            format!(
                "“{list}” bülleteni sizə daha göndərilməyəcək. Artıq yola salınmış məktub hələ çata bilər."
            )
        },
        not_on_title: "Siz bu siyahıda deyilsiniz",
        not_on_text: |list| {
            format!("“{list}” bülleteninə abunəliyiniz artıq bitib. Dəyişməli bir şey yox idi.")
        },
        archive_title: |newsletter| format!("{newsletter}: əvvəlki məktublar"),
        archive_empty: "Hələ heç bir məktub göndərilməyib.",
        letters: Counted::same("məktub"),
        stories: Counted::same("məqalə"),
        to_site: |site| format!("{site} saytına keçmək"),
        not_found_title: "Burada heç nə yoxdur",
        not_found_text: "Ünvan səhv yazılmış ola bilər, yaxud material artıq ictimai deyil.",
        bad_link_title: "Keçid tam deyil",
        bad_link_text: "Heç nə dəyişməyib. Zəhmət olmasa, keçidi məktubdan yenidən açın; bir neçə sətrə bölünübsə, hamısını köçürün.",
        failed_title: "Alınmadı",
        failed_text: "Bizim tərəfdə xəta baş verdi və heç nə dəyişmədi. Zəhmət olmasa, bir neçə dəqiqədən sonra yenidən cəhd edin.",
    },
    choices: super::choices::AZ,
    mails: super::mails::AZ,
};
