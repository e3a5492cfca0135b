//! The columns of tables of counts, by the names that analytics services and people give them.

use crate::domain::article_key::{UrlKeyRules, path_key};
use crate::sources::table::rows::{Row, column_name};
use crate::sources::table::times;

use super::numbers::Decimals;

/// Names for the page, the surest first.
const PAGE: &[&str] = &[
    "url",
    "page url",
    "full url",
    "full page url",
    "page location",
    "link",
    "article url",
    "address",
    "url key",
    "page path and screen class",
    "page path query string and screen class",
    "page path query string",
    "page path",
    "pagepath",
    "path",
    "page",
    "uri",
    "request uri",
    "request path",
    "requestpath",
    "clientrequestpath",
    "event page",
    "entry page",
    "landing page",
    "landing page query string",
    "label",
    "name",
    // German, French, Spanish
    "seitenpfad und bildschirmklasse",
    "seite",
    "seitenpfad",
    "chemin de la page et classe de l écran",
    "page et écran",
    "ruta de página y clase de pantalla",
    "página",
    // Russian, Georgian, Armenian, Azerbaijani
    "путь к странице и класс экрана",
    "адрес страницы",
    "страница",
    "გვერდი",
    "էջ",
    "səhifə",
];
const HOST: &[&str] = &["hostname", "host", "host name", "requesthost"];
const TIME: &[&str] = &[
    "hour",
    "time",
    "date hour",
    "datehour",
    "date hour yyyymmddhh",
    "start at",
    "start",
    "start time",
    "timestamp",
    "datetime",
    "date time",
    "period",
    "time hour",
    "date",
    "day",
    "datum",
    "fecha",
    "jour",
    "дата",
    "час",
    "თარიღი",
    "ամսաթիվ",
    "tarix",
];
/// Names for an hour of the day beside a column of dates.
const HOUR_OF_DAY: &[&str] = &["hour", "hour of day", "час", "stunde"];
const VIEWS: &[&str] = &[
    "views",
    "pageviews",
    "page views",
    "screen page views",
    "screenpageviews",
    "screen views",
    "count",
    "counts",
    "hits",
    "reads",
    "read count",
    "nb hits",
    "requests",
    "total views",
    "aufrufe",
    "seitenaufrufe",
    "vues",
    "vistas",
    "просмотры",
    "просмотров",
    "ნახვები",
    "դիտումներ",
    "baxışlar",
];
const VISITORS: &[&str] = &[
    "visitors",
    "active users",
    "activeusers",
    "unique visitors",
    "uniques",
    "users",
    "total users",
    "totalusers",
    "unique pageviews",
    "unique page views",
    "nb uniq visitors",
    "readers",
    "unique users",
    "nb visits",
    "visits",
    "aktive nutzer",
    "nutzer",
    "besucher",
    "utilisateurs actifs",
    "visiteurs",
    "usuarios activos",
    "посетители",
    "активные пользователи",
    "пользователи",
    "ვიზიტორები",
    "այցելուներ",
    "ziyarətçilər",
];

/// Which column holds what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) page: usize,
    pub(super) host: Option<usize>,
    pub(super) time: Option<usize>,
    /// Hours from 0 to 23, beside dates.
    pub(super) hour_of_day: Option<usize>,
    pub(super) views: Option<usize>,
    pub(super) visitors: Option<usize>,
}

impl Columns {
    /// The columns that `header` names; `None` without one of pages and one of counts.
    pub(super) fn by_name<'a>(header: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let names: Vec<String> = header.into_iter().map(column_name).collect();
        let find = |synonyms: &[&str], not: Option<usize>| {
            synonyms.iter().find_map(|synonym| {
                names.iter().enumerate().position(|(at, name)| name == synonym && Some(at) != not)
            })
        };
        let hour = find(HOUR_OF_DAY, None);
        let date = find(TIME, hour);
        let (time, hour_of_day) =
            if date.is_some() && hour.is_some() { (date, hour) } else { (date.or(hour), None) };
        let columns = Self {
            page: find(PAGE, None)?,
            host: find(HOST, None),
            time,
            hour_of_day,
            views: find(VIEWS, None),
            visitors: find(VISITORS, None),
        };
        (columns.views.is_some() || columns.visitors.is_some()).then_some(columns)
    }

    /// The columns of a table without names, by its first row: one page, at most one time, and one
    /// or two counts (views, then visitors).
    pub(super) fn by_content(first: &Row, rules: &UrlKeyRules) -> Option<Self> {
        let cells = first.cells();
        let page = cells.iter().position(|cell| path_key(cell, None, rules).is_some())?;
        let others = || (0..cells.len()).filter(move |&at| at != page);
        let time = others().find(|&at| times::parse(&cells[at], chrono_tz::UTC).is_some());
        let mut counts = others()
            .filter(|&at| Some(at) != time)
            .filter(|&at| Decimals::of(std::iter::once(cells[at].as_str())).count(&cells[at]).is_some());
        let views = Some(counts.next()?);
        Some(Self { page, host: None, time, hour_of_day: None, views, visitors: counts.next() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_name(header: &str) -> Option<Columns> {
        Columns::by_name(header.split(','))
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let columns = by_name("Page path and screen class,Views,Active users,Event count").unwrap();
        assert_eq!(
            (columns.page, columns.views, columns.visitors, columns.time),
            (0, Some(1), Some(2), None)
        );
        let columns = by_name("name,visitors,pageviews,bounce_rate").unwrap();
        assert_eq!((columns.page, columns.views, columns.visitors), (0, Some(2), Some(1)));
        let columns = by_name("count,hour,url").unwrap();
        assert_eq!(
            (columns.page, columns.views, columns.time, columns.hour_of_day),
            (2, Some(0), Some(1), None)
        );
        let columns = by_name("Date,Hour,Hostname,Page path,Users").unwrap();
        assert_eq!((columns.time, columns.hour_of_day, columns.host), (Some(0), Some(1), Some(2)));
        let columns = by_name("Date + hour (YYYYMMDDHH),Page path,Views").unwrap();
        assert_eq!((columns.time, columns.hour_of_day), (Some(0), None));
        assert_eq!(by_name("url,title"), None);
        assert_eq!(by_name("views,date"), None);
    }
}
