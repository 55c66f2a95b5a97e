"""Charts as SVG, made here and shown as images: no script, nothing from elsewhere. Pure."""

import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pygal
from pygal.style import Style

from services.gateway.web import numbers
from services.gateway.web.numbers import Language

# pygal looks through all imports of the process, for plugins that we have none of
sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, pygal.PluginImportFixer)]

COLOURS: Final = ("#0a6280", "#e9b44c", "#1b6a3a", "#7a4b00", "#a11d27")
LIGHT: Final = "#9cc4d2"
ROW_PX: Final = 34
BAR_PX: Final = 14


@dataclass(frozen=True, slots=True)
class Frame:
    """What a chart is drawn for: letters stay legible only if it is shown about this wide."""

    width: int
    font_px: int
    legend_columns: int | None
    turn: int
    ticks: int

    @property
    def options(self) -> dict[str, Any]:
        style = Style(
            background="#ffffff",
            plot_background="#ffffff",
            foreground="#17242d",
            foreground_strong="#17242d",
            foreground_subtle="#51626e",
            guide_stroke_color="#d3dbe1",
            major_guide_stroke_color="#d3dbe1",
            opacity="1",
            colors=COLOURS,
            font_family="Vazirmatn, Tahoma, 'Noto Sans Arabic', 'DejaVu Sans', sans-serif",
            label_font_size=self.font_px,
            major_label_font_size=self.font_px,
            legend_font_size=self.font_px,
            value_font_size=self.font_px - 1,
        )
        return {
            "js": (),
            "style": style,
            "width": self.width,
            "margin": 12 if self is WIDE else 6,
            "margin_right": 22,  # half of the last number of a scale
            "truncate_legend": -1,
            "truncate_label": -1,
            "legend_at_bottom": True,
            "legend_at_bottom_columns": self.legend_columns,
        }


WIDE: Final = Frame(width=660, font_px=14, legend_columns=None, turn=30, ticks=8)
NARROW: Final = Frame(width=340, font_px=14, legend_columns=1, turn=60, ticks=4)
"""Of half a desk's screen, and of a phone."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart, drawn for wide places (paper too) and for a phone: addresses of images."""

    wide: str
    narrow: str


def _formatter(lang: Language, unit: str = "") -> Callable[[Any], str]:
    def shown(value: Any) -> str:
        if isinstance(value, int | float):
            rounded = round(value, 1)
            whole = int(rounded) if rounded == int(rounded) else rounded
            return f"{numbers.number(whole, lang)}{unit}"
        return ""

    return shown


def _drawn(draw: Callable[[Frame], Any]) -> Picture:
    return Picture(_data(draw(WIDE)), _data(draw(NARROW)))


def _data(chart: Any) -> str:
    svg: str = chart.render(disable_xml_declaration=True)
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def lying(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    lang: Language,
    *,
    unit: str = "",
    stacked: bool = False,
    top: float | None = None,
) -> Picture:
    """Bars on their side, the first on top; `top`: where the scale ends."""
    kind = pygal.HorizontalStackedBar if stacked else pygal.HorizontalBar
    backwards = {title: list(reversed(values)) for title, values in series.items()}
    legend = len(series) > 1
    side_by_side = 1 if stacked else len(series)

    def draw(frame: Frame) -> Any:
        lines = len(series) if legend and frame is NARROW else 1
        chart = kind(
            **frame.options,
            height=80 + 24 * lines + (ROW_PX + BAR_PX * (side_by_side - 1)) * max(len(labels), 1),
            show_legend=legend,
            value_formatter=_formatter(lang, unit),
        )
        if top is not None:
            chart.range = (0, top)
        chart.y_labels = ticks(top or max(_longest(series, stacked=stacked), 1), frame.ticks)
        return _filled(chart, list(reversed(labels)), backwards)

    return _drawn(draw)


def _longest(series: Mapping[str, Sequence[float | None]], *, stacked: bool) -> float:
    by_label = zip(*series.values(), strict=True)
    added = sum if stacked else max
    return max((added(value or 0 for value in values) for values in by_label), default=0)


def ticks(high: float, most: int) -> list[int]:
    """Whole, round numbers from zero to `high` or just beyond it."""
    step = 1
    while step * most < high:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return [step * n for n in range(most + 1) if step * (n - 1) < high]


def intervals(
    labels: Sequence[str], points: Sequence[tuple[float, float, float] | None], lang: Language
) -> Picture:
    """Shares in percent, each with the interval that it lies in with 95%.

    On a phone they lie: each bar goes from the interval's one end to the other, and changes its
    colour at the share itself.
    """
    formatter = _formatter(lang, "٪" if lang == "fa" else "%")

    def standing() -> Any:
        chart = pygal.Bar(
            **WIDE.options,
            height=340,
            show_legend=False,
            value_formatter=formatter,
            range=(0, 100),
            x_label_rotation=WIDE.turn,
        )
        shown = [
            None if one is None else {"value": one[0], "ci": {"low": one[1], "high": one[2]}}
            for one in points
        ]
        return _filled(chart, labels, {"": shown})

    def lying_down() -> Any:
        options = NARROW.options
        options["style"].colors = ("transparent", COLOURS[0], LIGHT)
        chart = pygal.HorizontalStackedBar(
            **options,
            height=60 + ROW_PX * max(len(labels), 1),
            show_legend=False,
            value_formatter=formatter,
            range=(0, 100),
        )
        chart.y_labels = ticks(100, NARROW.ticks)
        ends = [one or (0, 0, 0) for one in reversed(points)]
        parts = {
            "low": [low for _, low, _ in ends],
            "to": [share - low for share, low, _ in ends],
            "high": [high - share for share, _, high in ends],
        }
        return _filled(chart, list(reversed(labels)), parts)

    return _drawn(lambda frame: standing() if frame is WIDE else lying_down())


def lines(
    labels: Sequence[str], series: Mapping[str, Sequence[float | None]], lang: Language
) -> Picture:
    def draw(frame: Frame) -> Any:
        chart = pygal.Line(
            **frame.options,
            height=320,
            value_formatter=_formatter(lang),
            x_label_rotation=frame.turn,
            include_x_axis=True,
            dots_size=3,
            stroke_style={"width": 3},
        )
        return _filled(chart, labels, series)

    return _drawn(draw)


def _filled(chart: Any, labels: Sequence[str], series: Mapping[str, Sequence[Any]]) -> Any:
    chart.x_labels = list(labels)
    for title, values in series.items():
        chart.add(title, list(values))
    return chart


def svg_of(source: str) -> str:
    """The SVG of a chart, for a page that is printed."""
    return b64decode(source.partition(",")[2]).decode()
