//! Russian.

use super::{AlertWords, EditionAlertWords, FactWords, MailWords, ReasonWords, StepWords};
use crate::strings::plural::Counted;

/// Russian.
pub(in crate::strings) const RU: MailWords = MailWords {
    confirm_subject: |list| format!("«{list}»: подтвердите подписку"),
    confirm_title: "Подтвердите подписку",
    confirm_text: |list| {
        format!(
            "Кто-то, скорее всего вы, указал этот адрес для подписки на рассылку «{list}». Пожалуйста, подтвердите её."
        )
    },
    confirm_button: "Подтвердить подписку",
    confirm_otherwise: "Если ничего не делать, писем не будет. Если это были не вы, просто не обращайте внимания на это письмо.",
    left_subject: |list| format!("«{list}»: вы отписались"),
    left_title: "Вы отписались",
    left_text: |list| format!("Писем рассылки «{list}» больше не будет."),
    left_mistake: "Если это произошло по ошибке, подписку можно вернуть.",
    left_button: "Вернуть подписку",
    alerts: AlertWords {
        held: EditionAlertWords {
            title: |title| format!("«{title}»: выпуск ждёт решения"),
            text: "Выпуск ждёт решения. Он ещё никому не отправлен.",
        },
        missed: EditionAlertWords {
            title: |title| format!("«{title}»: выпуск не отправлен"),
            text: "Время выпуска прошло, и он никому не отправлен.",
        },
        failed: EditionAlertWords {
            title: |title| format!("«{title}»: выпуск не удалось подготовить"),
            text: "Письмо не удалось подготовить. Оно ещё никому не отправлено.",
        },
        paused: EditionAlertWords {
            title: |title| format!("«{title}»: отправка приостановлена"),
            text: "Отправка приостановлена. Остальные письма ждут решения.",
        },
        late: EditionAlertWords {
            title: |title| format!("«{title}»: выпуск опаздывает"),
            text: "Время пришло, но ни одного письма ещё не отправлено.",
        },
        delayed: EditionAlertWords {
            title: |title| format!("«{title}»: отправка не успеет к сроку"),
            text: "При нынешней скорости отправка закончится позже назначенного срока. Письма тем временем уходят дальше.",
        },
        reported: EditionAlertWords {
            title: |title| format!("«{title}»: возвращается много писем"),
            text: "Писем этого выпуска вернулось или вызвало жалобы больше обычного.",
        },
        relay_down_title: |relay| format!("Почтовый сервер «{relay}» не принимает письма"),
        relay_down_text: "Ничего не потеряно: письма ждут и сами будут отправлены снова.",
        refused_title: |domain, title| format!("{domain} не принимает письма «{title}»"),
        refused_text: "Читатель не виноват и остаётся в списке. Проверьте репутацию отправителя, аутентификацию (SPF, DKIM, DMARC) и содержание.",
        stale_title: |source| format!("Источник «{source}» не отвечает"),
        stale_text: "Новые статьи из этого источника не приходят. Проверьте, работает ли его адрес.",
        facts: FactWords {
            newsletter: "Рассылка",
            edition: "Выпуск",
            planned: "Назначенное время",
            reason: "Причина",
            relay: "Почтовый сервер",
            receiver: "Сервер получателя",
            reply: "Ответ сервера",
            source: "Источник",
            last_read: "Прочитан в последний раз",
            error: "Ошибка",
        },
        labelled: |name, value| format!("{name}: {value}"),
        steps: StepWords {
            look: "Посмотреть",
            send: "Отправить",
            skip: "Пропустить",
            send_now: "Всё же отправить сейчас",
            mended: "После устранения причины",
            report: "Посмотреть отчёт",
            resume: "Продолжить",
            resume_confirmed: "Продолжить, если адреса действительно неверны",
            confirm_bounces: "Запретить, если адреса действительно негодные",
            cancel: "Отменить",
            check: "Проверить сервер",
            try_source: "Проверить источник",
        },
        reasons: ReasonWords {
            not_approved: "никто его не утвердил",
            lead_withdrawn: "главная статья снята с публикации",
            nothing_new: "нет ничего нового",
            too_little: |have, need| format!("материала мало: статей – {have}, нужно – {need}"),
            too_late: |late, grace| format!("опоздание – {late}, допустимо – {grace}"),
            newer_slot: "уже пришло время следующего выпуска",
            quiet: |span| format!("время без движения – {span}"),
            hard_bounces: |lifted| {
                format!(
                    "более десятой части последних попыток закончились окончательным отказом; снято запретов – {lifted}"
                )
            },
            many_hard: |n, of| format!("несуществующие адреса – {n} из {of}"),
            complaints: |n, of| format!("жалобы – {n}, читателей – {of}"),
            refused_again: |times| format!("отказов подряд по причинам на нашей стороне – {times}"),
            canary_failed: |failed, of| format!("пробная отправка: не удалось доставить – {failed} из {of}"),
            no_seeds: "пробная отправка: ни один из её адресов не подписан",
            too_slow: |forecast, due| format!("ожидаемое окончание – {forecast}; срок – {due}"),
            not_done: |due| format!("отправка не закончена к сроку – {due}"),
            held: "ждёт решения",
            paused: "отправка приостановлена",
            nothing_sent: "ещё ничего не отправлено",
        },
        hours: Counted::three("час", "часа", "часов"),
        minutes: Counted::three("минута", "минуты", "минут"),
        never: "никогда",
        unknown: "неизвестна",
    },
};
