package io.natskv.benchmarks.page;

import io.natskv.benchmarks.page.Svg.Anchor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/** Lines over an axis, with a legend. */
final class LinePlot {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 420;
    private static final int LEFT = 90;
    private static final int RIGHT = 620;
    private static final int TOP = 56;
    private static final int BOTTOM = 350;
    private static final int LEGEND = 22;
    private static final int CAP = 4;

    private final Svg svg;
    private final String title;
    private final Axis across;
    private final Axis up;

    /**
     * A line.
     *
     * @param name for the legend
     * @param dots whether its points are marked
     */
    record Line(String name, List<Point> points, boolean dots) {}

    /**
     * A point, with how far the rounds lie apart.
     *
     * @param low equal to {@code y} if there is no spread
     * @param high the same
     */
    record Point(double x, double y, double low, double high) {
        static Point of(double x, double y) {
            return new Point(x, y, y, y);
        }
    }

    private LinePlot(String title, Axis across, Axis up) {
        this.svg = new Svg(WIDTH, HEIGHT, title);
        this.title = title;
        this.across = across;
        this.up = up;
    }

    /**
     * Rates along numbers of something: logarithmic across, from 0 up.
     *
     * @param label of a number
     */
    static String series(
            String title, String acrossName, String upName, List<Line> lines, DoubleFunction<String> label) {
        List<Double> numbers = lines.stream()
                .flatMap(line -> line.points().stream())
                .map(Point::x)
                .distinct()
                .sorted()
                .toList();
        double highest = lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::high)
                .max()
                .orElseThrow();
        Axis across = Axis.log(numbers, LEFT + 20, RIGHT - 20);
        Axis up = Axis.linear(highest, BOTTOM, TOP);
        return new LinePlot(title, across, up).draw(acrossName, upName, lines, label);
    }

    /** Percentiles of times: each nine more takes as much room as the one before, times are logarithmic. */
    static String percentiles(String title, String acrossName, String upName, List<Line> lines) {
        List<Line> byNines = new ArrayList<>();
        for (Line line : lines) {
            List<Point> points = line.points().stream()
                    .filter(point -> point.x() < 100 && point.y() > 0)
                    .map(point -> Point.of(odds(point.x()), point.y()))
                    .toList();
            byNines.add(new Line(line.name(), points, false));
        }
        double lowest = byNines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::y)
                .min()
                .orElse(0.1);
        double highest = byNines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::y)
                .max()
                .orElse(1);
        double last = byNines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::x)
                .max()
                .orElse(1_000);
        List<Double> ticks = new ArrayList<>();
        for (double percent : new double[] {0, 50, 90, 99, 99.9, 99.99, 99.999}) {
            if (odds(percent) <= Math.max(last, 10)) {
                ticks.add(odds(percent));
            }
        }
        Axis across = new Axis(true, 1, Math.max(last, 10), LEFT, RIGHT, ticks);
        Axis up = Axis.log(lowest, highest, BOTTOM, TOP);
        return new LinePlot(title, across, up)
                .draw(acrossName, upName, byNines, odds -> percent(100 - 100 / odds) + " %");
    }

    /** One of so many took longer. */
    private static double odds(double percent) {
        return 1 / (1 - percent / 100);
    }

    private static String percent(double value) {
        return Numbers.tick(Math.round(value * 1_000) / 1_000.0);
    }

    private String draw(String acrossName, String upName, List<Line> lines, DoubleFunction<String> label) {
        svg.text((LEFT + RIGHT) / 2.0, 28, Anchor.MIDDLE, "head", title);
        for (double tick : up.ticks()) {
            svg.line(LEFT, up.place(tick), RIGHT, up.place(tick), "grid");
            svg.text(LEFT - 10, up.place(tick) + 4, Anchor.END, "small", Numbers.tick(tick));
        }
        for (double tick : across.ticks()) {
            svg.line(across.place(tick), BOTTOM, across.place(tick), BOTTOM + 5, "axis");
            svg.text(across.place(tick), BOTTOM + 21, Anchor.MIDDLE, "small", label.apply(tick));
        }
        svg.line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis").line(LEFT, BOTTOM, LEFT, TOP, "axis");
        svg.text((LEFT + RIGHT) / 2.0, BOTTOM + 48, Anchor.MIDDLE, "", acrossName);
        svg.textUp(22, (TOP + BOTTOM) / 2.0, upName);
        for (int i = 0; i < lines.size(); i++) {
            line(lines.get(i), i % Svg.COLOURS, i);
        }
        return svg.toString();
    }

    private void line(Line line, int colour, int number) {
        List<double[]> path = line.points().stream()
                .map(point -> new double[] {across.place(point.x()), up.place(point.y())})
                .toList();
        svg.path(path, "line c" + colour);
        for (Point point : line.points()) {
            double x = across.place(point.x());
            if (point.high() > point.low()) {
                double low = up.place(point.low());
                double high = up.place(point.high());
                svg.line(x, low, x, high, "bar c" + colour);
                svg.line(x - CAP, low, x + CAP, low, "bar c" + colour);
                svg.line(x - CAP, high, x + CAP, high, "bar c" + colour);
            }
            if (line.dots()) {
                svg.dot(x, up.place(point.y()), "f" + colour);
            }
        }
        double y = TOP + 8 + number * LEGEND;
        svg.line(RIGHT + 16, y, RIGHT + 46, y, "line c" + colour);
        svg.text(RIGHT + 54, y + 4, Anchor.START, "", line.name());
    }
}
