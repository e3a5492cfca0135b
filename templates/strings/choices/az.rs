//! Azerbaijani.

use super::ChoiceWords;

/// Azerbaijani.
pub(in crate::strings) const AZ: ChoiceWords = ChoiceWords {
    confirm_title: "Abunəliyin təsdiqi",
    confirm_question: |list| format!("“{list}” bülletenini almaq istəyirsiniz?"),
    confirm_effect: "Hələ heç nə dəyişməyib. Düyməni basan kimi abunəlik başlayacaq.",
    confirm_button: "Bəli, abunə olmaq istəyirəm",
    confirmed_title: "Abunəlik təsdiqləndi",
    confirmed_text: |list| format!("“{list}” bülleteni növbəti məktubdan etibarən sizə göndəriləcək."),
    already_title: "Siz abunəsiniz",
    already_text: |list| format!("“{list}” bülleteninə artıq abunəsiniz. Dəyişməli bir şey yox idi."),
    over_title: "Təsdiqləməli bir şey yoxdur",
    over_text: "Bu keçid artıq qüvvədə deyil. Heç nə dəyişməyib. Məktubları almaq istəyirsinizsə, zəhmət olmasa, yenidən abunə olun.",
    barred_title: "Bu ünvana məktub göndərilmir",
    barred_text: "Bu ünvana yazmaq hüququmuz yoxdur. Bu, səhvdirsə, zəhmət olmasa, bizə yazın. Heç nə dəyişməyib.",
    preferences_title: "Məktublarınız",
    address: |address| format!("Ünvan: {address}"),
    which: "Hansı məktubları almaq istəyirsiniz?",
    active: "Alırsınız",
    waiting: "Hələ təsdiqlənməyib",
    ended: "Almırsınız",
    stopped: "Dayandırılıb: bu ünvana məktub göndərmirik",
    leave_all: "Daha məktub almaq istəmirəm. Bütün abunəlikləri ləğv edin.",
    save: "Yadda saxlamaq",
    saved: "Yadda saxlandı.",
    unchanged: "Dəyişməli bir şey yox idi.",
    gone: "Bu keçid üzrə artıq heç nə saxlanmır.",
};
