package io.natskv.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where a run took place.
 *
 * @param cores processors that this JVM may use
 * @param memoryBytes the machine's memory; 0 if it is not known
 * @param os name, version of the kernel, and architecture
 * @param cpu model of the processors; empty if it is not known
 * @param jdk vendor and version
 * @param jvm name and version
 * @param jvmOptions by which it was started, those of memory and the like
 */
record Machine(int cores, long memoryBytes, String os, String cpu, String jdk, String jvm, String jvmOptions) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    static Machine here() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        long memory =
                system instanceof com.sun.management.OperatingSystemMXBean detailed ? detailed.getTotalMemorySize() : 0;
        return new Machine(
                system.getAvailableProcessors(),
                memory,
                system.getName() + " " + system.getVersion() + " " + system.getArch(),
                cpuModel(),
                System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                // Properties name folders of the machine, and tell nothing about speed.
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(option -> option.startsWith("-X"))
                        .filter(option -> !option.startsWith("-Xbootclasspath"))
                        .collect(Collectors.joining(" ")));
    }

    /** How many processes wanted a processor in the last minute; below 0 where the system does not tell. */
    static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static String cpuModel() {
        try (Stream<String> lines = Files.lines(CPU_INFO)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}
