package io.natskv.testing.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A page of {@code docs/} that is generated: {@code mvn test -Dtest=... -Dnatskv.docs.write=true} writes it, without that property it is compared.
 */
public final class GeneratedPage {
    /** Set to true to write pages instead of comparing them. */
    public static final String WRITE = "natskv.docs.write";

    private GeneratedPage() {}

    /**
     * @param name of the file in {@code docs/}
     * @param test that generates it, for the message
     * @throws AssertionError if the file says something else; the message says how to write it
     */
    public static void check(String name, String page, Class<?> test) throws IOException {
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(file(name), page);
        } else {
            compare(name, page, test);
        }
    }

    /** {@link #check}, whatever the property says. */
    public static void compare(String name, String page, Class<?> test) throws IOException {
        Path file = file(name);
        String found = Files.exists(file) ? Files.readString(file) : "";
        if (!found.equals(page)) {
            throw new AssertionError("docs/" + name + " has drifted from the code, at \"" + firstDifference(found, page)
                    + "\". Write it anew, in the top folder: " + command(test));
        }
    }

    /** Surefire runs the tests of a module in its folder. */
    private static String command(Class<?> test) throws IOException {
        Path module = suite().toRealPath().relativize(Path.of("").toRealPath());
        return "mvn test -pl " + module + " -am -Dtest=" + test.getSimpleName()
                + " -Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE + "=true";
    }

    private static Path suite() {
        return Path.of(System.getProperty("natskv.suite.dir"));
    }

    private static Path file(String name) {
        return suite().resolve("docs").resolve(name);
    }

    private static String firstDifference(String found, String page) {
        String[] are = found.split("\n");
        String[] shouldBe = page.split("\n");
        int line = 0;
        while (line < Math.min(are.length, shouldBe.length) && are[line].equals(shouldBe[line])) {
            line++;
        }
        return line < shouldBe.length ? shouldBe[line] : "the end";
    }
}
