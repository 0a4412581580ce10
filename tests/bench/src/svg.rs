//! Pictures: lines over logarithmic axes.

use std::fmt::Write;

/// A line of a picture.
pub struct Line {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
/// Room around the axes: left, right (for the names of the lines), top, bottom.
const ROOM: (f64, f64, f64, f64) = (70.0, 170.0, 40.0, 50.0);
/// Colours that people with any eyes tell apart, after Okabe and Ito.
const COLOURS: [&str; 8] =
    ["#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c7a00"];

/// An axis from one power of ten to another.
struct Axis {
    low: i32,
    high: i32,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64> + Clone) -> Axis {
        let low = values.clone().fold(f64::INFINITY, f64::min).log10().floor() as i32;
        let high = values.fold(0.0, f64::max).log10().ceil() as i32;
        Axis { low, high: high.max(low + 1) }
    }

    /// Where a value lies, from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        (value.log10() - f64::from(self.low)) / f64::from(self.high - self.low)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + use<> {
        (self.low..=self.high).map(|power| 10f64.powi(power))
    }
}

/// A picture of lines; both axes are logarithmic. `unit` writes the values of the vertical axis.
pub fn picture(title: &str, across: &str, lines: &[Line], unit: impl Fn(f64) -> String) -> String {
    let points = lines.iter().flat_map(|line| &line.points).filter(|(x, y)| *x > 0.0 && *y > 0.0);
    let (left, right, top, bottom) = ROOM;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{left}\" y=\"24\" font-size=\"15\">{}</text>\n",
        escaped(title)
    );
    if points.clone().next().is_none() {
        return svg + "</svg>\n";
    }
    let (wide, high) = (Axis::over(points.clone().map(|p| p.0)), Axis::over(points.map(|p| p.1)));
    let x = |value: f64| left + wide.place(value) * (WIDTH - left - right);
    let y = |value: f64| HEIGHT - bottom - high.place(value) * (HEIGHT - top - bottom);
    for tick in wide.ticks() {
        let at = x(tick);
        let _ = writeln!(
            svg,
            "<line x1=\"{at:.1}\" y1=\"{top}\" x2=\"{at:.1}\" y2=\"{}\" stroke=\"#ddd\"/>\
             <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            HEIGHT - bottom,
            HEIGHT - bottom + 18.0,
            count(tick)
        );
    }
    for tick in high.ticks() {
        let at = y(tick);
        let _ = writeln!(
            svg,
            "<line x1=\"{left}\" y1=\"{at:.1}\" x2=\"{}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - right,
            left - 6.0,
            at + 4.0,
            escaped(&unit(tick))
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
        (left + WIDTH - right) / 2.0,
        HEIGHT - 12.0,
        escaped(across)
    );
    let mut names: Vec<(f64, &Line, &str)> = Vec::new();
    for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        let points = line.points.iter().filter(|(x, y)| *x > 0.0 && *y > 0.0);
        let places: Vec<_> = points.map(|(across, up)| (x(*across), y(*up))).collect();
        let Some((_, last)) = places.last() else { continue };
        names.push((*last, line, colour));
        let path: Vec<_> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join(" ")
        );
        for (x, y) in places {
            let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
        }
    }
    // The names stand at the ends of their lines, but not on top of each other.
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free = top;
    for (at, line, colour) in names {
        let at = at.max(free);
        free = at + 15.0;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\" fill=\"{colour}\">{}</text>",
            WIDTH - right + 10.0,
            at + 4.0,
            escaped(&line.name)
        );
    }
    svg + "</svg>\n"
}

/// A power of ten with a comma after each three digits.
fn count(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_powers_of_ten() {
        let axis = Axis::over([15.0, 2_000.0].into_iter());
        assert_eq!(axis.ticks().collect::<Vec<_>>(), [10.0, 100.0, 1_000.0, 10_000.0]);
        assert!((axis.place(100.0) - 1.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn draws_a_point_for_each_value() {
        let line = |name: &str, y: f64| Line { name: name.into(), points: vec![(1e3, y), (1e5, y * 90.0)] };
        let svg =
            picture("a < b", "rules", &[line("one", 1.0), line("two", 1.01)], |tick| format!("{tick} ms"));
        assert_eq!(svg.matches("<circle").count(), 4);
        assert!(svg.contains("a &lt; b") && svg.contains(">100,000<"));
    }
}
