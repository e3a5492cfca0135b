//! Georgian.

use super::ChoiceWords;

/// Georgian.
pub(in crate::strings) const KA: ChoiceWords = ChoiceWords {
    confirm_title: "გამოწერის დადასტურება",
    confirm_question: |list| format!("გსურთ მიიღოთ „{list}“?"),
    confirm_effect: "ჯერ არაფერი შეცვლილა. გამოწერა ღილაკზე დაჭერისთანავე დაიწყება.",
    confirm_button: "დიახ, მსურს გამოწერა",
    confirmed_title: "გამოწერა დადასტურებულია",
    confirmed_text: |list| format!("„{list}“ გამოგეგზავნებათ შემდეგი წერილიდან."),
    already_title: "გამოწერა მოქმედებს",
    already_text: |list| format!("„{list}“ უკვე გამოწერილი გაქვთ. შესაცვლელი არაფერი იყო."),
    over_title: "დასადასტურებელი არაფერია",
    over_text: "ეს ბმული აღარ მოქმედებს. არაფერი შეცვლილა. თუ წერილების მიღება გსურთ, გთხოვთ, ხელახლა გამოიწეროთ.",
    barred_title: "ამ მისამართზე წერილები არ იგზავნება",
    barred_text: "ამ მისამართზე მოწერის უფლება არ გვაქვს. თუ ეს შეცდომაა, გთხოვთ, მოგვწეროთ. არაფერი შეცვლილა.",
    preferences_title: "თქვენი წერილები",
    address: |address| format!("მისამართი: {address}"),
    which: "რომელი წერილების მიღება გსურთ?",
    active: "გამოწერილია",
    waiting: "ჯერ დაუდასტურებელია",
    ended: "არ არის გამოწერილი",
    stopped: "შეჩერებულია: ამ მისამართზე წერილებს არ ვაგზავნით",
    leave_all: "წერილები აღარ მსურს. გააუქმეთ ყველა გამოწერა.",
    save: "შენახვა",
    saved: "შენახულია.",
    unchanged: "შესაცვლელი არაფერი იყო.",
    gone: "ამ ბმულს აღარაფერი შეესაბამება.",
};
