package io.natskv.benchmarks.core;

import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** The keys and values that are written: the same ones by every side. */
public final class Data {
    private static final int VALUES = 64;
    private static final long SEED = 1;

    private final String[] keys;
    private final byte[][] values = new byte[VALUES][];

    public Data(int keys, int valueBytes) {
        this(keys, valueBytes, i -> String.format("orders.eu-west.%08d", i));
    }

    /** @param name gives each key its name by its number */
    public Data(int keys, int valueBytes, IntFunction<String> name) {
        this.keys = IntStream.range(0, keys).mapToObj(name).toArray(String[]::new);
        Random random = new Random(SEED);
        for (int i = 0; i < VALUES; i++) {
            values[i] = new byte[valueBytes];
            random.nextBytes(values[i]);
        }
    }

    public int keys() {
        return keys.length;
    }

    /** The key of the so-manieth write: all of them in turn. */
    public String key(int write) {
        return keys[write % keys.length];
    }

    public byte[] value(int write) {
        return values[write % VALUES];
    }
}
