//! Azerbaijani.

use super::{AlertWords, EditionAlertWords, FactWords, MailWords, ReasonWords, StepWords};
use crate::strings::plural::Counted;

/// Azerbaijani.
pub(in crate::strings) const AZ: MailWords = MailWords {
    confirm_subject: |list| format!("“{list}”: abunəliyi təsdiqləyin"),
    confirm_title: "Abunəliyi təsdiqləyin",
    confirm_text: |list| {
        format!(
            "Bu ünvan “{list}” bülleteninə abunəlik üçün göstərilib. Çox güman ki, bunu siz etmisiniz. Zəhmət olmasa, təsdiqləyin."
        )
    },
    confirm_button: "Abunəliyi təsdiqləmək",
    confirm_otherwise: "Heç nə etməsəniz, sizə məktub göndərilməyəcək. Bunu siz etməmisinizsə, sadəcə bu məktuba fikir verməyin.",
    left_subject: |list| format!("“{list}”: abunəlik ləğv edildi"),
    left_title: "Abunəlik ləğv edildi",
    left_text: |list| format!("“{list}” bülleteni sizə daha göndərilməyəcək."),
    left_mistake: "Bu, səhvən baş veribsə, abunəliyi bərpa edə bilərsiniz.",
    left_button: "Abunəliyi bərpa etmək",
    alerts: AlertWords {
        held: EditionAlertWords {
            title: |title| format!("“{title}”: buraxılış qərar gözləyir"),
            text: "Buraxılış qərar gözləyir. Hələ heç kimə göndərilməyib.",
        },
        missed: EditionAlertWords {
            title: |title| format!("“{title}”: buraxılış göndərilmədi"),
            text: "Buraxılışın vaxtı keçib və o, heç kimə göndərilməyib.",
        },
        failed: EditionAlertWords {
            title: |title| format!("“{title}”: buraxılışı hazırlamaq mümkün olmadı"),
            text: "Məktubu hazırlamaq mümkün olmadı. Hələ heç kimə göndərilməyib.",
        },
        paused: EditionAlertWords {
            title: |title| format!("“{title}”: göndərmə dayandırılıb"),
            text: "Göndərmə dayandırılıb. Qalan məktublar qərar gözləyir.",
        },
        late: EditionAlertWords {
            title: |title| format!("“{title}”: buraxılış gecikir"),
            text: "Vaxtı çatıb, amma hələ bir məktub da göndərilməyib.",
        },
        delayed: EditionAlertWords {
            title: |title| format!("“{title}”: göndərmə vaxtında bitməyəcək"),
            text: "İndiki sürətlə göndərmə təyin olunmuş vaxtdan gec bitəcək. Məktublar bu arada göndərilməyə davam edir.",
        },
        reported: EditionAlertWords {
            title: |title| format!("“{title}”: çoxlu məktub geri qayıdır"),
            text: "Bu buraxılışın məktublarının adi haldan çoxu geri qayıtdı və ya şikayətə səbəb oldu.",
        },
        relay_down_title: |relay| format!("“{relay}” poçt serveri məktubları qəbul etmir"),
        relay_down_text: "Heç nə itməyib: məktublar gözləyir və öz-özünə yenidən göndəriləcək.",
        refused_title: |domain, title| format!("{domain} məktubları qəbul etmir: “{title}”"),
        refused_text: "Oxucunun günahı yoxdur və o, siyahıda qalır. Göndərənin reputasiyasını, autentifikasiyasını (SPF, DKIM, DMARC) və məzmunu yoxlayın.",
        stale_title: |source| format!("“{source}” mənbəyi cavab vermir"),
        stale_text: "Bu mənbədən yeni məqalələr gəlmir. Ünvanının işləyib-işləmədiyini yoxlayın.",
        facts: FactWords {
            newsletter: "Bülleten",
            edition: "Buraxılış",
            planned: "Planlaşdırılan vaxt",
            reason: "Səbəb",
            relay: "Poçt serveri",
            receiver: "Qəbul edən server",
            reply: "Serverin cavabı",
            source: "Mənbə",
            last_read: "Son oxunma",
            error: "Xəta",
        },
        labelled: |name, value| format!("{name}: {value}"),
        steps: StepWords {
            look: "Baxmaq",
            send: "Göndərmək",
            skip: "Ötürmək",
            send_now: "Yenə də indi göndərmək",
            mended: "Səbəb aradan qaldırılandan sonra",
            report: "Hesabata baxmaq",
            resume: "Davam etdirmək",
            resume_confirmed: "Ünvanlar həqiqətən səhvdirsə, davam etdirmək",
            confirm_bounces: "Ünvanlar həqiqətən yararsızdırsa, qadağan et",
            cancel: "Ləğv etmək",
            check: "Serveri yoxlamaq",
            try_source: "Mənbəni yoxlamaq",
        },
        reasons: ReasonWords {
            not_approved: "heç kim təsdiqləməyib",
            lead_withdrawn: "əsas məqalə geri götürülüb",
            nothing_new: "yeni heç nə yoxdur",
            too_little: |have, need| format!("material azdır: məqalə – {have}, lazımdır – {need}"),
            too_late: |late, grace| format!("gecikmə – {late}, icazə verilən – {grace}"),
            newer_slot: "növbəti buraxılışın vaxtı artıq çatıb",
            quiet: |span| format!("hərəkətsizlik müddəti – {span}"),
            hard_bounces: |lifted| {
                format!("son cəhdlərin onda birindən çoxu qəti rədd edilib; götürülmüş qadağalar – {lifted}")
            },
            many_hard: |n, of| format!("mövcud olmayan ünvanlar – {n}, cəmi – {of}"),
            complaints: |n, of| format!("şikayətlər – {n}, oxucular – {of}"),
            refused_again: |times| format!("bizim tərəfdəki səbəblərdən ardıcıl rədd cavabları – {times}"),
            canary_failed: |failed, of| {
                format!("sınaq göndərməsi: çatdırılmayan məktublar – {failed}, cəmi – {of}")
            },
            no_seeds: "sınaq göndərməsi: ünvanlarından heç biri abunə deyil",
            too_slow: |forecast, due| format!("gözlənilən bitmə vaxtı – {forecast}; son vaxt – {due}"),
            not_done: |due| format!("göndərmə vaxtında bitməyib – {due}"),
            held: "qərar gözləyir",
            paused: "göndərmə dayandırılıb",
            nothing_sent: "hələ heç nə göndərilməyib",
        },
        hours: Counted::same("saat"),
        minutes: Counted::same("dəqiqə"),
        never: "heç vaxt",
        unknown: "məlum deyil",
    },
};
