//! A sample letter, put together from a newsroom's words.

use super::Variant;
use super::content::{BRIEFS, FACTS, Newsroom, Story};
use super::{ar, az, en, hy, ka, ru};
use crate::content::{Text, WebLink};
use crate::date::LocalDate;
use crate::letter::theme::Theme;
use crate::strings::Strings;
use crate::view::{
    BlockContent, BlockView, ButtonView, HouseView, ImageView, LetterView, StoryView, Tracking,
};

/// What tries to break out of a letter: markup, comments, templates, line breaks, turned writing.
const ATTACKS: [&str; 4] = [
    "</td></tr></table><script>alert(1)</script>",
    "\u{202E}moc.elpmaxe\u{2066} \"quoted\" 'single' & <!-- ]]> {{ template }} %s ${x}",
    "one\r\nBcc: everybody@example.org\r\n\r\ntwo\u{0}\u{7}\u{200B}\u{FEFF}",
    "👩\u{200D}👩\u{200D}👧\u{200D}👦 🏴\u{200D}☠\u{FE0F} Z̴͑a̸l̶g̴o \u{200F}עברית\u{200E} \u{200B}",
];

/// A letter as `theme` has it, in the language of `strings`. A language without a sample newsroom
/// has English stories.
pub fn sample(theme: &Theme, strings: &'static Strings, variant: Variant) -> LetterView {
    let room = newsroom(strings.tag);
    let mut view = LetterView {
        theme: theme.clone(),
        site_name: room.site.into(),
        site_url: page(""),
        edition_number: Some(412),
        subject: room.subject.into(),
        preheader: room.preheader.into(),
        note: room.note.map(Text::from).to_vec(),
        blocks: blocks(room, strings, variant),
        list_title: room.list.into(),
        postal_address: room.address.into(),
        web_url: own("archive/morning/412"),
        preferences_url: own("preferences/sample").map(|url| url.to_string()),
        tracking: tracking(variant),
        unsubscribe_url: own("unsubscribe/sample").map(|url| url.to_string()),
        ..LetterView::new(
            strings,
            room.newsletter.into(),
            LocalDate::new(2026, 11, 24).unwrap_or(LocalDate::FIRST),
        )
    };
    if matches!(view.tracking, Tracking::Openings | Tracking::LinksAndOpenings) {
        view.pixel = own("opened/412.gif");
    }
    match variant {
        Variant::OneStory => view.note.truncate(1),
        Variant::LongTitles => {
            view.newsletter = format!("{} {} {}", room.newsletter, room.long_word, room.list).into();
        }
        Variant::HostileTitles => be_hostile(&mut view),
        Variant::Normal | Variant::TwentyStories | Variant::NoPictures => {}
    }
    view
}

fn newsroom(tag: &str) -> &'static Newsroom {
    match tag {
        "ka" => &ka::KA,
        "hy" => &hy::HY,
        "az" => &az::AZ,
        "ru" => &ru::RU,
        "ar" => &ar::AR,
        _ => &en::EN,
    }
}

fn tracking(variant: Variant) -> Tracking {
    match variant {
        Variant::Normal | Variant::OneStory | Variant::NoPictures => Tracking::None,
        Variant::LongTitles => Tracking::Links,
        Variant::HostileTitles => Tracking::Openings,
        Variant::TwentyStories => Tracking::LinksAndOpenings,
    }
}

fn page(path: &str) -> Option<WebLink> {
    WebLink::parse(&format!("https://news.example.org/{path}"))
}

fn own(path: &str) -> Option<WebLink> {
    WebLink::parse(&format!("https://letters.example.org/{path}"))
}

fn picture(name: &str, (width, height): (u32, u32), alt: &str) -> Option<ImageView> {
    let url = WebLink::parse(&format!("https://pictures.example.org/{name}-{width}x{height}.jpg"))?;
    Some(ImageView { url, alt: alt.into(), size: Some((width, height)), credit: None })
}

fn blocks(room: &'static Newsroom, strings: &Strings, variant: Variant) -> Vec<BlockView> {
    let titles = &strings.blocks;
    let block = |title: &str, content| BlockView { title: title.into(), content };
    let first = |from: usize, to: usize| stories(room, from..to, |story| story.headline, "");
    let picks = match variant {
        Variant::OneStory => first(0, 1),
        Variant::TwentyStories => first(0, 8),
        Variant::LongTitles => {
            let mut long = first(0, 5);
            for (at, story) in long.iter_mut().enumerate() {
                let told = &room.stories[at];
                story.headline =
                    format!("{}: {}. {} {}", told.headline, told.second, room.long_word, told.blurb).into();
                story.kicker = Some(format!("{} {}", told.kicker, room.long_word).into());
            }
            long
        }
        Variant::Normal | Variant::NoPictures | Variant::HostileTitles => first(0, 5),
    };
    let mut blocks = vec![block(titles.picks, BlockContent::Stories(lead(picks)))];
    if variant == Variant::OneStory {
        return blocks;
    }
    blocks.push(block(titles.most_read, BlockContent::Ranked(briefs(room))));
    let latest = match variant {
        Variant::TwentyStories => stories(room, 0..7, |story| story.second, "-second"),
        _ => first(5, 8),
    };
    blocks.push(block(titles.latest, BlockContent::Stories(latest)));
    blocks.push(block("", BlockContent::House(house(room))));
    if variant == Variant::NoPictures {
        blocks.iter_mut().for_each(without_pictures);
    }
    blocks
}

fn stories(
    room: &'static Newsroom,
    which: std::ops::Range<usize>,
    headline: fn(&'static Story) -> &'static str,
    suffix: &str,
) -> Vec<StoryView> {
    let told = room.stories.iter().zip(FACTS).take(which.end).skip(which.start);
    told.map(|(story, (name, size, minutes))| StoryView {
        url: page(&format!("2026/11/24/{name}{suffix}")),
        headline: headline(story).into(),
        summary: story.blurb.into(),
        kicker: Some(story.kicker.into()),
        authors: story.authors.iter().map(|&author| author.into()).collect(),
        reading_minutes: Some(minutes),
        // The same picture again says nothing new.
        image: picture(&format!("{name}{suffix}"), size, if suffix.is_empty() { story.alt } else { "" }),
        ..StoryView::default()
    })
    .collect()
}

fn lead(mut stories: Vec<StoryView>) -> Vec<StoryView> {
    if let Some(first) = stories.first_mut() {
        first.lead = true;
        if let (Some(image), Some(author)) = (&mut first.image, first.authors.last()) {
            image.credit = Some(author.clone());
        }
    }
    stories
}

fn briefs(room: &'static Newsroom) -> Vec<StoryView> {
    let told = room.briefs.iter().zip(BRIEFS);
    told.map(|(&headline, name)| StoryView {
        url: page(&format!("2026/11/24/{name}")),
        headline: headline.into(),
        ..StoryView::default()
    })
    .collect()
}

fn house(room: &'static Newsroom) -> HouseView {
    HouseView {
        text: room.appeal.map(Text::from).to_vec(),
        image: picture("newsroom", (1200, 600), room.appeal_alt),
        button: page("membership").map(|url| ButtonView { label: room.button.into(), url }),
    }
}

fn without_pictures(block: &mut BlockView) {
    match &mut block.content {
        BlockContent::Stories(stories) | BlockContent::Ranked(stories) => {
            stories.iter_mut().for_each(|story| story.image = None);
        }
        BlockContent::House(house) => house.image = None,
    }
}

/// Every text that comes from outside attacks, and one story is in another language and direction.
fn be_hostile(view: &mut LetterView) {
    let [markup, turned, broken, odd] = ATTACKS;
    view.newsletter = format!("{} {markup}", view.newsletter).into();
    view.subject = format!("{} {broken} {markup}", view.subject).into();
    view.preheader = format!("{turned} {} {markup}", view.preheader).into();
    view.site_name = format!("{} \"{odd}\"", view.site_name).into();
    view.list_title = format!("{turned} {}", view.list_title).into();
    view.postal_address = format!("{} {broken}", view.postal_address).into();
    view.note.push(format!("{markup} {turned} {broken} {odd}").into());
    for block in &mut view.blocks {
        block.title =
            if block.title.is_empty() { Text::default() } else { format!("{} {markup}", block.title).into() };
        match &mut block.content {
            BlockContent::Stories(stories) | BlockContent::Ranked(stories) => {
                for (story, attack) in stories.iter_mut().zip(ATTACKS.iter().cycle()) {
                    story.headline = format!("{} {attack}", story.headline).into();
                    story.summary = format!("{attack} {}", story.summary).into();
                    story.authors.push((*attack).into());
                    if let Some(image) = &mut story.image {
                        image.alt = format!("{} {attack}", image.alt).into();
                    }
                }
            }
            BlockContent::House(house) => {
                house.text.push(turned.into());
                if let Some(button) = &mut house.button {
                    button.label = format!("{} {markup}", button.label).into();
                }
            }
        }
    }
    if let Some(BlockContent::Stories(stories)) = view.blocks.first_mut().map(|block| &mut block.content)
        && let [_, second, third, ..] = stories.as_mut_slice()
    {
        let foreign = if view.strings.tag == "ar" { &en::EN } else { &ar::AR };
        second.language = Some(if view.strings.tag == "ar" { "en" } else { "ar" }.to_owned());
        second.headline = foreign.stories[1].headline.into();
        second.summary = foreign.stories[1].blurb.into();
        third.url = page(&format!("{}?q=\"><script>&x={{y}}", "very/long/path/".repeat(60)));
    }
}
