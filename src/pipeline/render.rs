//! Renders a revision's content: first the view, then HTML and text, then the encoded letter. A
//! pure function of content, configuration and language.

use chrono::{Datelike as _, NaiveDate};
use newsletterd_templates::content::{Text, WebLink};
use newsletterd_templates::date::LocalDate;
use newsletterd_templates::letter;
use newsletterd_templates::strings::{self, Strings};
use newsletterd_templates::view::{
    BlockContent, BlockView, ButtonView, HouseView, ImageView, LetterView, StoryView,
};

use super::links::{address, tracking};
use super::pictures::{self, Place};
use super::{Engine, Links, Result};
use crate::config::{Newsletter, Site};
use crate::domain::article::Image;
use crate::domain::ids::EditionId;
use crate::domain::language::Language;
use crate::domain::link::{OpenPixel, Parameter};
use crate::domain::picture::StoredPicture;
use crate::domain::revision::{Content, Section, Story};
use crate::domain::selection::{BlockKind, House};
use crate::mail::letter::{
    EncodedLetter, FeedbackId, LetterSource, ListId, PREFERENCES_MARK, UNSUBSCRIBE_MARK, encode,
};

/// The words of a language.
pub const fn strings_of(language: Language) -> &'static Strings {
    match language {
        Language::English => &strings::EN,
        Language::Georgian => &strings::KA,
        Language::Armenian => &strings::HY,
        Language::Azerbaijani => &strings::AZ,
        Language::Russian => &strings::RU,
    }
}

/// What the letter shows.
pub fn view(
    content: &Content,
    newsletter: &Newsletter,
    site: &Site,
    links: Links<'_>,
    edition: EditionId,
) -> LetterView {
    let strings = strings_of(content.language);
    let parameters = newsletter.link_parameters(content);
    let common = Common { language: content.language, strings, links, edition, parameters: &parameters };
    let mut theme = newsletter.theme.of(&site.name);
    if let (Some(logo), Some(kept)) = (&mut theme.logo, &content.logo)
        && let Some(url) = WebLink::parse(&links.picture(&kept.hash))
    {
        // Its size stays as configured: that is how large it is shown.
        logo.url = url;
    }
    let counts_openings = newsletter.open_pixel == OpenPixel::On;
    LetterView {
        theme,
        text_links: newsletter.text_links,
        site_name: Text::new(&site.name),
        site_url: WebLink::parse(site.url.as_str()),
        edition_number: u64::try_from(content.number).ok(),
        subject: Text::new(&content.subject),
        preheader: Text::new(&content.preheader),
        note: content.note.as_deref().map(Text::paragraphs).unwrap_or_default(),
        blocks: content.blocks.iter().map(|section| block(section, common)).collect(),
        list_title: Text::new(&content.list_title),
        postal_address: Text::new(&site.postal_address),
        web_url: WebLink::parse(&links.letter(&content.newsletter, edition)),
        preferences_url: Some(PREFERENCES_MARK.to_owned()),
        unsubscribe_url: Some(UNSUBSCRIBE_MARK.to_owned()),
        tracking: tracking(newsletter),
        pixel: counts_openings.then(|| WebLink::parse(&links.pixel(edition))).flatten(),
        ..LetterView::new(strings, Text::new(&content.title), local_date(content.date))
    }
}

/// The letter of an edition, encoded once for all its recipients.
///
/// # Errors
/// When the sender's address cannot stand in a header.
pub fn letter(
    engine: &Engine,
    newsletter: &Newsletter,
    content: &Content,
    edition: EditionId,
) -> Result<EncodedLetter> {
    let view = view(content, newsletter, &engine.config.site, engine.links(), edition);
    encoded(&view, &content.subject, &content.list_title, newsletter, edition)
}

/// `view` as the letter of an edition, under a subject and the list's title as they were written.
///
/// # Errors
/// When the sender's address cannot stand in a header.
pub fn encoded(
    view: &LetterView,
    subject: &str,
    list_title: &str,
    newsletter: &Newsletter,
    edition: EditionId,
) -> Result<EncodedLetter> {
    let domain = newsletter.from.address.domain();
    let (name, list) = (newsletter.name.as_str(), newsletter.list.as_str());
    Ok(encode(&LetterSource {
        from: newsletter.from.clone(),
        reply_to: newsletter.reply_to.clone(),
        subject: subject.to_owned(),
        list_id: ListId::new(list_title, list, domain),
        feedback_id: Some(FeedbackId::new(edition, name, list, domain)),
        html: letter::html(view),
        text: letter::text(view),
        web_html: letter::html(&view.public()),
    })?)
}

/// A day as the templates write it.
pub fn local_date(date: NaiveDate) -> LocalDate {
    let part = |number: u32| u8::try_from(number).unwrap_or(1);
    u16::try_from(date.year())
        .ok()
        .and_then(|year| LocalDate::new(year, part(date.month()), part(date.day())))
        .unwrap_or(LocalDate::FIRST)
}

/// What all stories of one letter are shown with.
#[derive(Clone, Copy)]
struct Common<'a> {
    language: Language,
    strings: &'static Strings,
    links: Links<'a>,
    edition: EditionId,
    /// What the newsletter adds to addresses.
    parameters: &'a [Parameter],
}

fn block(section: &Section, common: Common<'_>) -> BlockView {
    let Common { strings, links, .. } = common;
    let usual = match section.kind {
        BlockKind::Picks => strings.blocks.picks,
        BlockKind::MostRead => strings.blocks.most_read,
        BlockKind::Latest => strings.blocks.latest,
        BlockKind::Related => strings.blocks.related,
        BlockKind::House => "",
    };
    let stories = || section.stories.iter().enumerate();
    let content = match (&section.house, section.kind) {
        (Some(house), _) => BlockContent::House(house_view(house, section.house_picture.as_ref(), links)),
        (None, BlockKind::MostRead) => {
            BlockContent::Ranked(stories().map(|(_, story)| story_view(story, false, common)).collect())
        }
        (None, kind) => BlockContent::Stories(
            stories()
                .map(|(n, story)| {
                    let lead = pictures::place(kind, n) == Some(Place::Lead);
                    story_view(story, lead, common)
                })
                .collect(),
        ),
    };
    BlockView { title: Text::new(section.title.as_deref().unwrap_or(usual)), content }
}

fn story_view(story: &Story, lead: bool, common: Common<'_>) -> StoryView {
    let Common { language, links, edition, parameters, .. } = common;
    let foreign = story.language.as_ref().filter(|tag| Language::from_tag(tag) != Some(language));
    StoryView {
        url: address(story, links, edition, parameters).as_deref().and_then(WebLink::parse),
        headline: Text::new(&story.headline),
        summary: Text::new(&story.summary),
        kicker: story.kicker.as_deref().map(Text::new).filter(|text| !text.is_empty()),
        authors: story.authors.iter().map(|author| Text::new(author)).collect(),
        reading_minutes: story.reading_minutes,
        image: story.image.as_ref().and_then(|image| image_view(image, story.picture.as_ref(), links)),
        lead,
        language: foreign.cloned(),
    }
}

/// The picture that is kept, else that of the source.
fn image_view(image: &Image, kept: Option<&StoredPicture>, links: Links<'_>) -> Option<ImageView> {
    let (url, size) = match kept {
        Some(kept) => (WebLink::parse(&links.picture(&kept.hash)), Some((kept.width, kept.height))),
        None => (WebLink::parse(&image.url), image.width.zip(image.height)),
    };
    Some(ImageView { url: url?, alt: Text::new(&image.alt), size, credit: None })
}

fn house_view(house: &House, picture: Option<&StoredPicture>, links: Links<'_>) -> HouseView {
    let image = house.image.as_ref().map(|url| Image {
        url: url.clone(),
        alt: house.image_alt.clone().unwrap_or_default(),
        width: None,
        height: None,
    });
    let label = house.button_label.as_deref().map(Text::new);
    HouseView {
        text: Text::paragraphs(&house.text),
        image: image.and_then(|image| image_view(&image, picture, links)),
        button: label
            .zip(house.button_url.as_deref().and_then(WebLink::parse))
            .map(|(label, url)| ButtonView { label, url }),
    }
}
