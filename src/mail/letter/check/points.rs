//! The points that a letter is held to: what each asks, how much hangs on it, and what to do.

use serde::Serialize;

/// How much hangs on a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It should be better.
    Advice,
    /// Providers refuse or clip the letter, or readers cannot read or leave it.
    Broken,
}

impl Severity {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Advice => "advice",
            Self::Broken => "broken",
        }
    }
}

/// The part of a letter that a point looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The header block.
    Header,
    /// The message as bytes, and how its parts are put together.
    Message,
    /// The HTML form.
    Html,
    /// The text form.
    Text,
}

/// Declares the points: name, stable word, number in docs/letter.md, part, what usually hangs on
/// it; then what it asks and what to do where a letter falls short.
macro_rules! points {
    ($($point:ident = $word:literal, $number:literal, $part:ident, $severity:ident: $claim:literal, $remedy:literal;)+) => {
        /// What a letter is held to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        pub enum Point { $(#[doc = $claim] #[serde(rename = $word)] $point),+ }

        impl Point {
            /// Every point, in the order of the report.
            pub const ALL: &'static [Self] = &[$(Self::$point),+];

            /// Its stable name.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$point => $word),+ } }

            /// Its number in docs/letter.md; several points may share one.
            pub const fn number(self) -> u8 { match self { $(Self::$point => $number),+ } }

            /// The part of the letter that it looks at.
            pub const fn part(self) -> Part { match self { $(Self::$point => Part::$part),+ } }

            /// What usually hangs on it; a finding may weigh less or more.
            pub const fn severity(self) -> Severity { match self { $(Self::$point => Severity::$severity),+ } }

            /// What it asks, in a sentence.
            pub const fn claim(self) -> &'static str { match self { $(Self::$point => $claim),+ } }

            /// What to do where a letter falls short.
            pub const fn remedy(self) -> &'static str { match self { $(Self::$point => $remedy),+ } }
        }
    };
}

points! {
    OneOfEach = "one-of-each", 23, Header, Broken:
        "From, To, Date, Message-ID, Subject and MIME-Version stand there once each (RFC 5322 3.6).",
        "Write each of these fields exactly once.";
    Date = "date", 24, Header, Broken:
        "Date can be read and has a numeric zone (RFC 5322 3.3).",
        "Write it as in: Tue, 24 Nov 2026 07:00:00 +0400.";
    MessageId = "message-id", 25, Header, Advice:
        "Message-ID has the form <left@right>, with From's domain on the right (RFC 5322 3.6.4).",
        "Make the Message-ID from a unique left side and the domain of From.";
    AsciiHeaders = "ascii-headers", 29, Header, Broken:
        "Headers are ASCII, save for an international recipient in To (RFC 6532).",
        "Encode words beyond ASCII as RFC 2047 says.";
    EncodedWords = "encoded-words", 29, Header, Broken:
        "Encoded words are short, stand alone and decode by themselves (RFC 2047 2 and 5).",
        "Break encoded words between characters, at 75 octets, with a blank between two of them.";
    HostileHeaders = "hostile-headers", 50, Header, Broken:
        "No header decodes to control characters or characters that turn the reading direction.",
        "Strip control and direction characters from subjects and names before they are encoded.";
    ReplyAddress = "reply-address", 11, Header, Advice:
        "Answers reach somebody: neither Reply-To nor a lone From is a noreply address.",
        "Set reply_to to an address that people read.";
    ReturnPath = "return-path", 22, Header, Advice:
        "Return-Path, where it stands, is not the address of From.",
        "Send with a return path of its own, so that bounces come back to the machine.";
    ListUnsubscribe = "list-unsubscribe", 13, Header, Broken:
        "List-Unsubscribe holds an https address in angle brackets first (RFC 2369, 8058).",
        "Write List-Unsubscribe: <https://…> with an address for this reader; see web.public_url.";
    LeaveByMail = "leave-by-mail", 13, Header, Advice:
        "List-Unsubscribe has a mailto: address beside the https one (RFC 2369 3.2).",
        "Write <mailto:…> behind the https address, for mail programs that know no other way.";
    OneClick = "one-click", 14, Header, Broken:
        "List-Unsubscribe-Post is exactly List-Unsubscribe=One-Click (RFC 8058 3.1).",
        "Add List-Unsubscribe-Post: List-Unsubscribe=One-Click, once.";
    ListId = "list-id", 19, Header, Advice:
        "List-Id holds an identifier in angle brackets (RFC 2919).",
        "Write List-Id: Name <name.domain>, the same in every letter of the list.";
    FeedbackId = "feedback-id", 20, Header, Advice:
        "Feedback-ID, where there is one, has at most four fields and a sender of 5 to 15 characters.",
        "Write Feedback-ID: edition:newsletter:list:sender, nothing in it about one person.";
    AutoSubmitted = "auto-submitted", 21, Header, Advice:
        "Auto-Submitted says auto-generated (RFC 3834 5).",
        "Add Auto-Submitted: auto-generated, which keeps vacation programs silent.";
    Readable = "readable", 31, Message, Broken:
        "The message and its HTML form can be read, within bounds of size and depth.",
        "Look at how the message was made: it is damaged, or far larger or deeper than any letter.";
    LineEnds = "line-ends", 26, Message, Broken:
        "Only CRLF ends lines, and there is no NUL (RFC 5321 2.3.8).",
        "End each line with CR LF and drop NUL octets.";
    LineLength = "line-length", 27, Message, Broken:
        "Lines have at most 998 octets; header lines at most 78 where they can be folded (RFC 5322 2.1.1).",
        "Fold header lines at blanks, and encode bodies so that their lines are short.";
    EncodedLineLength = "encoded-line-length", 28, Message, Advice:
        "Encoded bodies have lines of at most 76 octets (RFC 2045 6.7 and 6.8).",
        "Break quoted-printable and base64 at 76.";
    Alternative = "alternative", 31, Message, Advice:
        "multipart/alternative, text first, then HTML, both UTF-8 (RFC 2046 5.1.4).",
        "Send a text and an HTML form in one multipart/alternative, both in UTF-8.";
    TransferEncoding = "transfer-encoding", 32, Message, Advice:
        "Both parts travel as quoted-printable (RFC 6376 5.3).",
        "Encode both as quoted-printable: base64 is larger, and 8bit may be changed on its way.";
    HtmlSize = "html-size", 33, Html, Broken:
        "The HTML part stays below 102 KB, where Gmail hides the end; from 85 KB it is named.",
        "Take fewer stories or shorter summaries.";
    Attachments = "attachments", 34, Message, Advice:
        "Nothing is attached.",
        "Link to files and pictures rather than attaching them.";
    ActiveContent = "active-content", 34, Html, Broken:
        "No script, form, frame, event handler or data: picture.",
        "Take it out: mail programs drop it, and filters count it against the letter.";
    VisibleUnsubscribe = "visible-unsubscribe", 18, Html, Broken:
        "Both parts show an unsubscribe link, on the site of List-Unsubscribe.",
        "Show the same unsubscribe link in the HTML and in the text form.";
    HtmlDoctype = "html-doctype", 35, Html, Advice:
        "The HTML form begins with the doctype of HTML.",
        "Begin with <!DOCTYPE html>: without it old quirks apply.";
    HtmlLanguage = "html-language", 35, Html, Advice:
        "Language and direction stand on html and on a wrapper in the body.",
        "Write lang and dir on html and on the outermost element in body: some programs drop the first.";
    HtmlTitle = "html-title", 36, Html, Advice:
        "The title is the subject.",
        "Write the subject as the document's title.";
    Preheader = "preheader", 37, Html, Advice:
        "The first words are hidden, 40 to 110 characters long, padded, and not the subject again.",
        "Give the edition a preheader of 40 to 110 characters that adds to the subject.";
    LayoutTables = "layout-tables", 38, Html, Advice:
        "Tables for layout say role=presentation, border, cellpadding, cellspacing 0, and widths as attributes.",
        "Write these attributes on each table; Outlook reads no max-width.";
    PortableLayout = "portable-layout", 39, Html, Advice:
        "No layout hangs on flex, grid, position, background pictures, or padding of p, div or a.",
        "Use tables, and put padding on td.";
    Buttons = "buttons", 40, Html, Advice:
        "Buttons are padded cells with bgcolor around a plain link.",
        "Put colour and room of a button on its td, the colour as bgcolor too.";
    PictureLinks = "picture-links", 40, Html, Advice:
        "No link is only a picture without words.",
        "Write an alt text, or link words beside the picture and hide its link from screen readers.";
    InlineEssentials = "inline-essentials", 41, Html, Advice:
        "Colour and size of each text are written inline, not in a style sheet alone.",
        "Write color and font-size in style attributes: some programs drop <style>.";
    DarkMode = "dark-mode", 42, Html, Advice:
        "Both metas and a :root rule say that the letter knows light and dark.",
        "Add <meta name=color-scheme>, <meta name=supported-color-schemes> and :root{color-scheme:light dark}.";
    Contrast = "contrast", 43, Html, Advice:
        "Text stands out from its ground by 4.5 to 1, large text by 3 to 1 (WCAG 2.2, 1.4.3).",
        "Choose a darker text or a lighter ground in the newsletter's theme.";
    Headings = "headings", 44, Html, Advice:
        "There is one h1, and no level of heading is skipped.",
        "Let headings step down one by one.";
    Pictures = "pictures", 45, Html, Advice:
        "Each picture has alt, width and height, is a block, and lies at an absolute https address.",
        "Write all of these on each img; an ornament has an empty alt.";
    TextSize = "text-size", 46, Html, Advice:
        "Text has 14 px or more, and paragraphs a line height of 1.4 or more.",
        "Write a larger font-size or line-height.";
    LinkTexts = "link-texts", 47, Html, Advice:
        "Link texts say where they lead, and one text leads to one place.",
        "Link the headline rather than \"read more\".";
    LinkParameters = "link-parameters", 49, Html, Advice:
        "Links of stories all carry utm_ parameters or none does, unsubscribing never does, & is escaped.",
        "Set utm for the newsletter as a whole, and write & as &amp; in href.";
    HostileText = "hostile-text", 50, Html, Advice:
        "No text holds control characters or characters that turn the reading direction.",
        "Clean what comes from outside before it is shown.";
    TextLinks = "text-links", 51, Text, Advice:
        "The text form has the HTML form's headings, and its links in the same order.",
        "Make both forms from the same stories.";
    TextLines = "text-lines", 51, Text, Advice:
        "Lines of the text form have at most 78 columns; addresses stay whole.",
        "Wrap at 72 columns, and give each address a line of its own.";
    TextMarkup = "text-markup", 51, Text, Advice:
        "The text form has no entities and no tags.",
        "Write the text form from the words, not from the HTML.";
    TextBlanks = "text-blanks", 52, Text, Advice:
        "No line of the text form ends in a blank, unless it is format=flowed (RFC 3676).",
        "Trim the lines.";
    SignatureMark = "signature-mark", 53, Text, Advice:
        "No line is the signature mark \"-- \", behind which mail programs fold the rest away.",
        "Draw the line above the footer otherwise.";
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case_and_stand_once() {
        let mut names = Point::ALL.iter().map(|point| point.as_str()).collect::<Vec<_>>();
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Point::ALL.len());
        for point in Point::ALL {
            assert_eq!(serde_json::to_value(point).unwrap(), point.as_str());
            assert!(point.claim().ends_with('.') && point.remedy().ends_with('.'), "{point}");
        }
    }
}
