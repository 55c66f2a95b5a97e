"""Charts as SVG, made here and shown as images: no script, nothing from elsewhere. Pure."""

import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pygal
from pygal.style import Style

from services.gateway.web import numbers
from services.gateway.web.numbers import Language

# pygal looks through all imports of the process, for plugins that we have none of
sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, pygal.PluginImportFixer)]

COLOURS: Final = ("#0a6280", "#e9b44c", "#1b6a3a", "#7a4b00", "#a11d27")
STYLE: Final = Style(
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
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=13,
    value_font_size=12,
)
WIDTH: Final = 760
ROW_PX: Final = 34
BARE: Final[dict[str, Any]] = {
    "js": (),
    "style": STYLE,
    "width": WIDTH,
    "margin": 12,
    "truncate_legend": -1,
    "truncate_label": -1,
}


def _formatter(lang: Language, unit: str = "") -> Callable[[Any], str]:
    def shown(value: Any) -> str:
        if isinstance(value, int | float):
            rounded = round(value, 1)
            whole = int(rounded) if rounded == int(rounded) else rounded
            return f"{numbers.number(whole, lang)}{unit}"
        return ""

    return shown


def _data(chart: Any) -> str:
    svg: str = chart.render(disable_xml_declaration=True)
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def bars(
    labels: Sequence[str], series: Mapping[str, Sequence[float | None]], lang: Language
) -> str:
    """Groups of standing bars."""
    chart = pygal.Bar(
        **BARE, height=340, legend_at_bottom=True, value_formatter=_formatter(lang), spacing=18
    )
    chart.x_labels = list(labels)
    for title, values in series.items():
        chart.add(title, list(values))
    return _data(chart)


def lying(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    lang: Language,
    *,
    unit: str = "",
    stacked: bool = False,
    top: float | None = None,
) -> str:
    """Bars on their side, the first on top; `top`: where the scale ends."""
    kind = pygal.HorizontalStackedBar if stacked else pygal.HorizontalBar
    chart = kind(
        **BARE,
        height=110 + ROW_PX * max(len(labels), 1),
        show_legend=len(series) > 1,
        legend_at_bottom=True,
        value_formatter=_formatter(lang, unit),
    )
    if top is not None:
        chart.range = (0, top)
    chart.x_labels = list(reversed(labels))
    for title, values in series.items():
        chart.add(title, list(reversed(values)))
    return _data(chart)


def intervals(
    labels: Sequence[str], points: Sequence[tuple[float, float, float] | None], lang: Language
) -> str:
    """Shares in percent, each with the interval that it lies in with 95%."""
    chart = pygal.Bar(
        **BARE,
        height=340,
        show_legend=False,
        value_formatter=_formatter(lang, "٪" if lang == "fa" else "%"),
        range=(0, 100),
        x_label_rotation=30,
    )
    chart.x_labels = list(labels)
    shown = [
        None if one is None else {"value": one[0], "ci": {"low": one[1], "high": one[2]}}
        for one in points
    ]
    chart.add("", shown)
    return _data(chart)


def lines(
    labels: Sequence[str], series: Mapping[str, Sequence[float | None]], lang: Language
) -> str:
    chart = pygal.Line(
        **BARE,
        height=320,
        legend_at_bottom=True,
        value_formatter=_formatter(lang),
        show_minor_x_labels=True,
        include_x_axis=True,
        dots_size=3,
        stroke_style={"width": 3},
    )
    chart.x_labels = list(labels)
    for title, values in series.items():
        chart.add(title, list(values))
    return _data(chart)


def svg_of(source: str) -> str:
    """The SVG of a chart, for a page that is printed."""
    return b64decode(source.partition(",")[2]).decode()
