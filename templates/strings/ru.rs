//! Russian.

use super::plural::{Counted, russian};
use super::{BlockTitles, Direction, LetterWords, PageWords, Strings};
use crate::view::Tracking;

/// Russian.
pub const RU: Strings = Strings {
    tag: "ru",
    direction: Direction::LeftToRight,
    months: [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    weekdays: ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"],
    full_date: |d| format!("{}, {} {} {} г.", d.weekday, d.day, d.month, d.year),
    plural: russian,
    blocks: BlockTitles {
        picks: "Выбор редакции",
        most_read: "Самое читаемое",
        latest: "Последние новости",
        related: "По теме",
    },
    letter: LetterWords {
        number: |n| format!("№\u{A0}{n}"),
        by: |names| format!("Автор: {names}"),
        and: "и",
        photo: |name| format!("Фото: {name}"),
        reading: |minutes| format!("{minutes}\u{A0}мин чтения"),
        reason: |list| format!("Вы получаете это письмо, потому что подписаны на рассылку «{list}»."),
        counted: |tracking| match tracking {
            Tracking::None => "Мы не отслеживаем, кто открывает это письмо и по каким ссылкам переходит.",
            Tracking::Links => {
                "Мы считаем, сколько раз переходили по каждой ссылке, но не знаем, кто именно."
            }
            Tracking::Openings => "Мы считаем, сколько раз открывали это письмо, но не знаем, кто именно.",
            Tracking::LinksAndOpenings => {
                "Мы считаем, сколько раз открывали это письмо и переходили по каждой ссылке, но не знаем, кто именно."
            }
        },
        preferences: "Настройки подписки",
        unsubscribe: "Отписаться",
        view_in_browser: "Открыть в браузере",
        test_subject: |subject| format!("[Тест] {subject}"),
        test_marking: "Это пробное письмо. Подписчикам оно не отправлялось.",
    },
    pages: PageWords {
        leave_title: "Отписаться",
        leave_question: |list| format!("Отписаться от рассылки «{list}»?"),
        leave_effect: "Пока ничего не изменилось. Как только вы нажмёте кнопку, мы сразу уберём ваш адрес из этого списка.",
        leave_button: "Да, отписаться",
        left_title: "Вы отписались",
        left_text: |list| {
            format!("Писем рассылки «{list}» больше не будет. Письмо, которое уже в пути, ещё может прийти.")
        },
        not_on_title: "Вас нет в этом списке",
        not_on_text: |list| {
            format!("Подписка на рассылку «{list}» уже закончилась. Менять ничего не понадобилось.")
        },
        archive_title: |newsletter| format!("{newsletter}: прошлые письма"),
        archive_empty: "Ни одного письма пока не отправлено.",
        letters: Counted::three("письмо", "письма", "писем"),
        stories: Counted::three("статья", "статьи", "статей"),
        to_site: |site| format!("Перейти на сайт {site}"),
        not_found_title: "Здесь ничего нет",
        not_found_text: "Возможно, адрес набран с ошибкой или материал больше не опубликован.",
        bad_link_title: "Ссылка повреждена",
        bad_link_text: "Ничего не изменилось. Пожалуйста, откройте ссылку из письма ещё раз; если она разбита на несколько строк, скопируйте её целиком.",
        failed_title: "Не получилось",
        failed_text: "На нашей стороне произошла ошибка, и ничего не изменилось. Попробуйте, пожалуйста, через несколько минут.",
    },
    choices: super::choices::RU,
    mails: super::mails::RU,
};
