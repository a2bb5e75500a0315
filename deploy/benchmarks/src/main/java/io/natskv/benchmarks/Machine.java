package io.natskv.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;

/**
 * Where a run took place.
 *
 * @param cores processors that this JVM may use
 * @param memoryBytes the machine's memory; 0 if it is not known
 * @param os name, version and architecture
 * @param jvm name and version
 * @param jvmOptions by which it was started
 */
record Machine(int cores, long memoryBytes, String os, String jvm, String jvmOptions) {
    static Machine here() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        long memory =
                system instanceof com.sun.management.OperatingSystemMXBean detailed ? detailed.getTotalMemorySize() : 0;
        return new Machine(
                system.getAvailableProcessors(),
                memory,
                system.getName() + " " + system.getVersion() + " " + system.getArch(),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
    }

    /** How many processes wanted a processor in the last minute; below 0 where the system does not tell. */
    static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }
}
