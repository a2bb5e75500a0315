package io.natskv.benchmarks.page;

import java.util.Locale;

/** Numbers as people read them. */
final class Numbers {
    private static final int KIBI = 1_024;
    private static final int HUNDRED = 100;
    private static final int THOUSAND = 1_000;
    private static final int MILLION = 1_000_000;
    private static final double TEN = 10;

    private Numbers() {}

    /** Three digits, or all those before the point. */
    static String of(double number) {
        if (number == Math.rint(number) || Math.abs(number) >= HUNDRED) {
            return String.format(Locale.ROOT, "%,.0f", number);
        }
        // A hundredth is three digits of what is below one, and none of what is below a hundredth.
        String digits = Math.abs(number) >= TEN ? "%.1f" : Math.abs(number) >= 0.1 ? "%.2f" : "%.4f";
        return String.format(Locale.ROOT, digits, number);
    }

    /** A ratio, with two digits behind the point; more where these would be naught. */
    static String ratio(double number) {
        if (number > 0 && number < 0.01) {
            return String.format(Locale.ROOT, "%.4f", number);
        }
        return String.format(Locale.ROOT, number >= HUNDRED ? "%.0f" : number >= TEN ? "%.1f" : "%.2f", number);
    }

    /** A tick of an axis: 200 k, 1 M, 0.5. */
    static String tick(double number) {
        if (number >= MILLION) {
            return trimmed(number / MILLION) + " M";
        }
        return number >= THOUSAND ? trimmed(number / THOUSAND) + " k" : trimmed(number);
    }

    /** A point of a series: 512 KiB, 100 k keys, 8. */
    static String at(double number, String along) {
        if (!along.equals("bytes")) {
            return tick(number);
        }
        return number >= KIBI ? trimmed(number / KIBI) + " KiB" : trimmed(number) + " B";
    }

    private static String trimmed(double number) {
        String text = String.format(Locale.ROOT, "%.3f", number);
        return text.replaceAll("0+$", "").replaceAll("\\.$", "");
    }
}
