package io.natskv.benchmarks.page;

import io.natskv.benchmarks.page.SuiteReport.Spread;
import io.natskv.benchmarks.page.Svg.Anchor;
import java.util.List;
import java.util.OptionalDouble;

/** Ratios below one another: the median, half of the rounds, all rounds, and what is to be reached. */
final class RatioPlot {
    private static final int WIDTH = 860;
    private static final int LEFT = 300;
    private static final int RIGHT = 790;
    private static final int TOP = 60;
    private static final int ROW = 34;
    private static final int BELOW = 78;
    private static final double HALF_BOX = 8;
    /** What is slower lies at the edge: there is no zero on such an axis. */
    private static final double LEAST = 0.001;

    private RatioPlot() {}

    /** @param target empty if there is none */
    record Row(String name, Spread spread, OptionalDouble target) {}

    static String draw(String title, List<Row> rows) {
        int bottom = TOP + rows.size() * ROW;
        Svg svg = new Svg(WIDTH, bottom + BELOW, title);
        double low = rows.stream()
                .mapToDouble(row -> Math.min(
                        row.spread().min(), row.target().orElse(row.spread().min())))
                .min()
                .orElseThrow();
        double high = rows.stream()
                .mapToDouble(row -> Math.max(
                        row.spread().max(), row.target().orElse(row.spread().max())))
                .max()
                .orElseThrow();
        Axis axis = Axis.log(Math.max(LEAST, Math.min(low, 0.5)), Math.max(high, 2), LEFT, RIGHT);
        svg.text(WIDTH / 2.0, 28, Anchor.MIDDLE, "head", title);
        for (double tick : axis.ticks()) {
            double x = axis.place(tick);
            svg.line(x, TOP - 8, x, bottom, "grid");
            svg.text(x, bottom + 18, Anchor.MIDDLE, "small", Numbers.tick(tick));
        }
        svg.line(axis.place(1), TOP - 8, axis.place(1), bottom, "equal");
        svg.line(LEFT, bottom, RIGHT, bottom, "axis");
        for (int i = 0; i < rows.size(); i++) {
            row(svg, axis, rows.get(i), TOP + i * ROW + ROW / 2.0);
        }
        svg.text(
                (LEFT + RIGHT) / 2.0,
                bottom + 40,
                Anchor.MIDDLE,
                "",
                "times as fast as the other side (ratio of rates, logarithmic; dashed: equally fast)");
        svg.text(
                (LEFT + RIGHT) / 2.0,
                bottom + 60,
                Anchor.MIDDLE,
                "small",
                "thick: median of the rounds; box: half of them; line: all of them; diamond: to reach");
        return svg.toString();
    }

    private static void row(Svg svg, Axis axis, Row row, double y) {
        Spread spread = row.spread();
        svg.text(LEFT - 12, y + 4, Anchor.END, "", row.name());
        svg.line(axis.place(spread.min()), y, axis.place(spread.max()), y, "whisker");
        double from = axis.place(spread.quarter());
        svg.box(from, y - HALF_BOX, Math.max(1, axis.place(spread.threeQuarters()) - from), 2 * HALF_BOX, "box");
        double median = axis.place(spread.median());
        svg.line(median, y - HALF_BOX, median, y + HALF_BOX, "median");
        row.target().ifPresent(target -> svg.mark(axis.place(target), y, "target"));
        svg.text(RIGHT + 12, y + 4, Anchor.START, "", Numbers.ratio(spread.median()));
    }
}
