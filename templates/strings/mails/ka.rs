//! Georgian.

use super::{AlertWords, EditionAlertWords, FactWords, MailWords, ReasonWords, StepWords};
use crate::strings::plural::Counted;

/// Georgian.
pub(in crate::strings) const KA: MailWords = MailWords {
    confirm_subject: |list| format!("„{list}“ – დაადასტურეთ გამოწერა"),
    confirm_title: "დაადასტურეთ გამოწერა",
    confirm_text: |list| {
        format!("ვიღაცამ, სავარაუდოდ თქვენ, ამ მისამართზე გამოიწერა „{list}“. გთხოვთ, დაადასტუროთ.")
    },
    confirm_button: "გამოწერის დადასტურება",
    confirm_otherwise: "თუ არაფერს გააკეთებთ, წერილებს არ მიიღებთ. თუ ეს თქვენ არ იყავით, უბრალოდ ნუ მიაქცევთ ყურადღებას ამ წერილს.",
    left_subject: |list| format!("„{list}“ – გამოწერა გაუქმებულია"),
    left_title: "გამოწერა გაუქმებულია",
    left_text: |list| format!("„{list}“ აღარ გამოგეგზავნებათ."),
    left_mistake: "თუ ეს შეცდომით მოხდა, შეგიძლიათ გამოწერა აღადგინოთ.",
    left_button: "გამოწერის აღდგენა",
    alerts: AlertWords {
        held: EditionAlertWords {
            title: |title| format!("„{title}“ – გამოშვება გადაწყვეტილებას ელოდება"),
            text: "გამოშვება გადაწყვეტილებას ელოდება. ჯერ არავის გაგზავნია.",
        },
        missed: EditionAlertWords {
            title: |title| format!("„{title}“ – გამოშვება არ გაიგზავნა"),
            text: "გამოშვების დრო გავიდა და ის არავის გაგზავნია.",
        },
        failed: EditionAlertWords {
            title: |title| format!("„{title}“ – გამოშვება ვერ მომზადდა"),
            text: "წერილის მომზადება ვერ მოხერხდა. ჯერ არავის გაგზავნია.",
        },
        paused: EditionAlertWords {
            title: |title| format!("„{title}“ – გაგზავნა შეჩერებულია"),
            text: "გაგზავნა შეჩერებულია. დარჩენილი წერილები გადაწყვეტილებას ელოდება.",
        },
        late: EditionAlertWords {
            title: |title| format!("„{title}“ – გამოშვება იგვიანებს"),
            text: "დრო დადგა, მაგრამ ჯერ არც ერთი წერილი არ გაგზავნილა.",
        },
        delayed: EditionAlertWords {
            title: |title| format!("„{title}“ – გაგზავნა დროულად ვერ დასრულდება"),
            text: "ამ ტემპით გაგზავნა დათქმულ დროზე გვიან დასრულდება. წერილების გაგზავნა ამასობაში გრძელდება.",
        },
        reported: EditionAlertWords {
            title: |title| format!("„{title}“ – ბევრი წერილი ბრუნდება"),
            text: "ამ გამოშვების ჩვეულებრივზე მეტი წერილი დაბრუნდა ან საჩივარი გამოიწვია.",
        },
        relay_down_title: |relay| format!("ფოსტის სერვერი „{relay}“ წერილებს არ იღებს"),
        relay_down_text: "არაფერი დაკარგულა: წერილები რიგში დგას და თავისით ხელახლა გაიგზავნება.",
        refused_title: |domain, title| format!("{domain} წერილებს არ იღებს: „{title}“"),
        refused_text: "მკითხველის ბრალი არ არის და ის სიაში რჩება. შეამოწმეთ გამგზავნის რეპუტაცია, ავთენტიფიკაცია (SPF, DKIM, DMARC) და შინაარსი.",
        stale_title: |source| format!("წყარო „{source}“ არ პასუხობს"),
        stale_text: "ამ წყაროდან ახალი სტატიები აღარ მოდის. შეამოწმეთ, მუშაობს თუ არა მისი მისამართი.",
        facts: FactWords {
            newsletter: "ბიულეტენი",
            edition: "გამოშვება",
            planned: "დაგეგმილი დრო",
            reason: "მიზეზი",
            relay: "ფოსტის სერვერი",
            receiver: "მიმღები სერვერი",
            reply: "სერვერის პასუხი",
            source: "წყარო",
            last_read: "ბოლოს წაკითხულია",
            error: "შეცდომა",
        },
        labelled: |name, value| format!("{name}: {value}"),
        steps: StepWords {
            look: "ნახვა",
            send: "გაგზავნა",
            skip: "გამოტოვება",
            send_now: "მაინც ახლავე გაგზავნა",
            mended: "მიზეზის აღმოფხვრის შემდეგ",
            report: "ანგარიშის ნახვა",
            resume: "გაგრძელება",
            resume_confirmed: "გაგრძელება, თუ მისამართები მართლაც არასწორია",
            confirm_bounces: "აკრძალვა, თუ მისამართები მართლაც უვარგისია",
            cancel: "შეწყვეტა",
            check: "სერვერის შემოწმება",
            try_source: "წყაროს შემოწმება",
        },
        reasons: ReasonWords {
            not_approved: "არავის დაუმტკიცებია",
            lead_withdrawn: "მთავარი სტატია მოიხსნა",
            nothing_new: "ახალი არაფერია",
            too_little: |have, need| format!("მასალა ცოტაა: სტატიები – {have}, საჭიროა – {need}"),
            too_late: |late, grace| format!("დაგვიანება – {late}, დასაშვებია – {grace}"),
            newer_slot: "უკვე დადგა შემდეგი გამოშვების დრო",
            quiet: |span| format!("უმოქმედობის დრო – {span}"),
            hard_bounces: |lifted| {
                format!(
                    "ბოლო მცდელობების მეათედზე მეტი საბოლოო უარით დასრულდა; მოხსნილი აკრძალვები – {lifted}"
                )
            },
            many_hard: |n, of| format!("არარსებული მისამართები – {n}, სულ – {of}"),
            complaints: |n, of| format!("საჩივრები – {n}, მკითხველები – {of}"),
            refused_again: |times| format!("ზედიზედ მიღებული უარი ჩვენი მხარის მიზეზით – {times}"),
            canary_failed: |failed, of| {
                format!("საცდელი გაგზავნა: ვერ მიწოდებული წერილები – {failed}, სულ – {of}")
            },
            no_seeds: "საცდელი გაგზავნა: მისი მისამართებიდან არც ერთს არ აქვს გამოწერა",
            too_slow: |forecast, due| format!("მოსალოდნელი დასასრული – {forecast}; ვადა – {due}"),
            not_done: |due| format!("გაგზავნა ვადაში ვერ დასრულდა – {due}"),
            held: "გადაწყვეტილებას ელოდება",
            paused: "გაგზავნა შეჩერებულია",
            nothing_sent: "ჯერ არაფერი გაგზავნილა",
        },
        hours: Counted::same("საათი"),
        minutes: Counted::same("წუთი"),
        never: "არასოდეს",
        unknown: "უცნობია",
    },
};
