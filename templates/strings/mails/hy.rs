//! Armenian.

use super::{AlertWords, EditionAlertWords, FactWords, MailWords, ReasonWords, StepWords};
use crate::strings::plural::Counted;

/// Armenian.
pub(in crate::strings) const HY: MailWords = MailWords {
    confirm_subject: |list| format!("«{list}». հաստատեք բաժանորդագրությունը"),
    confirm_title: "Հաստատեք բաժանորդագրությունը",
    confirm_text: |list| {
        format!(
            "Ինչ-որ մեկը, ամենայն հավանականությամբ դուք, այս հասցեով բաժանորդագրվել է «{list}» տեղեկագրին։ Խնդրում ենք հաստատել։"
        )
    },
    confirm_button: "Հաստատել բաժանորդագրությունը",
    confirm_otherwise: "Եթե ոչինչ չանեք, նամակներ չեք ստանա։ Եթե դա դուք չեք եղել, պարզապես անտեսեք այս նամակը։",
    left_subject: |list| format!("«{list}». բաժանորդագրությունը չեղարկված է"),
    left_title: "Բաժանորդագրությունը չեղարկված է",
    left_text: |list| format!("«{list}» տեղեկագիրն այլևս չեք ստանա։"),
    left_mistake: "Եթե դա սխալմամբ է եղել, կարող եք վերականգնել բաժանորդագրությունը։",
    left_button: "Վերականգնել բաժանորդագրությունը",
    alerts: AlertWords {
        held: EditionAlertWords {
            title: |title| format!("«{title}». թողարկումը սպասում է որոշման"),
            text: "Թողարկումը սպասում է որոշման։ Այն դեռ ոչ ոքի չի ուղարկվել։",
        },
        missed: EditionAlertWords {
            title: |title| format!("«{title}». թողարկումը չի ուղարկվել"),
            text: "Թողարկման ժամն անցել է, և այն ոչ ոքի չի ուղարկվել։",
        },
        failed: EditionAlertWords {
            title: |title| format!("«{title}». թողարկումը չհաջողվեց պատրաստել"),
            text: "Նամակը չհաջողվեց պատրաստել։ Այն դեռ ոչ ոքի չի ուղարկվել։",
        },
        paused: EditionAlertWords {
            title: |title| format!("«{title}». ուղարկումը դադարեցված է"),
            text: "Ուղարկումը դադարեցված է։ Մնացած նամակները սպասում են որոշման։",
        },
        late: EditionAlertWords {
            title: |title| format!("«{title}». թողարկումն ուշանում է"),
            text: "Ժամանակը եկել է, բայց դեռ ոչ մի նամակ չի ուղարկվել։",
        },
        delayed: EditionAlertWords {
            title: |title| format!("«{title}». ուղարկումը ժամանակին չի ավարտվի"),
            text: "Այս արագությամբ ուղարկումը կավարտվի սահմանված ժամից ուշ։ Նամակների ուղարկումն այդ ընթացքում շարունակվում է։",
        },
        reported: EditionAlertWords {
            title: |title| format!("«{title}». շատ նամակներ են հետ գալիս"),
            text: "Այս համարի նամակներից սովորականից ավելին հետ են եկել կամ բողոք են առաջացրել։",
        },
        relay_down_title: |relay| format!("«{relay}» փոստային սերվերը նամակներ չի ընդունում"),
        relay_down_text: "Ոչինչ չի կորել. նամակները սպասում են և ինքնաբերաբար կրկին կուղարկվեն։",
        refused_title: |domain, title| format!("{domain} սերվերը չի ընդունում «{title}» նամակները"),
        refused_text: "Ընթերցողը մեղավոր չէ և մնում է ցուցակում։ Ստուգեք ուղարկողի համբավը, նույնականացումը (SPF, DKIM, DMARC) և բովանդակությունը։",
        stale_title: |source| format!("«{source}» աղբյուրը չի պատասխանում"),
        stale_text: "Այս աղբյուրից նոր հոդվածներ չեն գալիս։ Ստուգեք՝ արդյոք նրա հասցեն գործում է։",
        facts: FactWords {
            newsletter: "Տեղեկագիր",
            edition: "Թողարկում",
            planned: "Նախատեսված ժամը",
            reason: "Պատճառը",
            relay: "Փոստային սերվեր",
            receiver: "Ստացող սերվեր",
            reply: "Սերվերի պատասխանը",
            source: "Աղբյուր",
            last_read: "Վերջին ընթերցումը",
            error: "Սխալը",
        },
        labelled: |name, value| format!("{name}՝ {value}"),
        steps: StepWords {
            look: "Դիտել",
            send: "Ուղարկել",
            skip: "Բաց թողնել",
            send_now: "Այնուամենայնիվ ուղարկել հիմա",
            mended: "Պատճառը վերացնելուց հետո",
            report: "Դիտել հաշվետվությունը",
            resume: "Շարունակել",
            resume_confirmed: "Շարունակել, եթե հասցեներն իսկապես սխալ են",
            confirm_bounces: "Արգելել, եթե հասցեներն իսկապես անպիտան են",
            cancel: "Չեղարկել",
            check: "Ստուգել սերվերը",
            try_source: "Ստուգել աղբյուրը",
        },
        reasons: ReasonWords {
            not_approved: "ոչ ոք չի հաստատել",
            lead_withdrawn: "գլխավոր հոդվածը հանվել է",
            nothing_new: "նոր բան չկա",
            too_little: |have, need| format!("նյութը քիչ է. հոդվածներ՝ {have}, անհրաժեշտ է՝ {need}"),
            too_late: |late, grace| format!("ուշացումը՝ {late}, թույլատրելի է՝ {grace}"),
            newer_slot: "հաջորդ թողարկման ժամն արդեն եկել է",
            quiet: |span| format!("անգործության տևողությունը՝ {span}"),
            hard_bounces: |lifted| {
                format!(
                    "վերջին փորձերի մեկ տասներորդից ավելին վերջնականապես մերժվել է. հանված արգելքներ՝ {lifted}"
                )
            },
            many_hard: |n, of| format!("գոյություն չունեցող հասցեներ՝ {n}, ընդամենը՝ {of}"),
            complaints: |n, of| format!("բողոքներ՝ {n}, ընթերցողներ՝ {of}"),
            refused_again: |times| format!("մեր կողմի պատճառներով իրար հաջորդող մերժումներ՝ {times}"),
            canary_failed: |failed, of| {
                format!("փորձնական ուղարկում. չհասած նամակներ՝ {failed}, ընդամենը՝ {of}")
            },
            no_seeds: "փորձնական ուղարկում. նրա հասցեներից ոչ մեկը բաժանորդագրված չէ",
            too_slow: |forecast, due| format!("սպասվող ավարտը՝ {forecast}, վերջնաժամկետը՝ {due}"),
            not_done: |due| format!("ուղարկումը չի ավարտվել սահմանված ժամին՝ {due}"),
            held: "սպասում է որոշման",
            paused: "ուղարկումը դադարեցված է",
            nothing_sent: "դեռ ոչինչ չի ուղարկվել",
        },
        hours: Counted::same("ժամ"),
        minutes: Counted::same("րոպե"),
        never: "երբեք",
        unknown: "անհայտ է",
    },
};
