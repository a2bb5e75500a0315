package io.natskv.core;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rooms of kv-core, and which of them may know which others. */
@AnalyzeClasses(packages = "io.natskv.core", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String CORE = "io.natskv.core";
    private static final String CONNECT = CORE + ".connect..";

    @ArchTest
    static final ArchRule rooms = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage(CORE + "..")
            .layer("root")
            .definedBy(CORE)
            .layer("error")
            .definedBy(CORE + ".error..")
            .layer("key")
            .definedBy(CORE + ".key..")
            .layer("connection")
            .definedBy(CORE + ".connection..")
            .layer("watch")
            .definedBy(CORE + ".watch..")
            .layer("write")
            .definedBy(CORE + ".write..")
            .layer("bucket")
            .definedBy(CORE + ".bucket..")
            .layer("connect")
            .definedBy(CONNECT)
            .ensureAllClassesAreContainedInArchitecture()
            .whereLayer("root")
            .mayNotAccessAnyLayer()
            .whereLayer("error")
            .mayNotAccessAnyLayer()
            .whereLayer("key")
            .mayOnlyAccessLayers("root", "error")
            .whereLayer("connection")
            .mayOnlyAccessLayers("root", "error")
            .whereLayer("watch")
            .mayOnlyAccessLayers("root", "error", "key", "connection")
            .whereLayer("write")
            .mayOnlyAccessLayers("root", "error", "key", "connection")
            .whereLayer("bucket")
            .mayOnlyAccessLayers("root", "error", "key", "connection", "watch", "write")
            .whereLayer("connect")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule noCycles = slices().matching(CORE + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule kafkaIsKnownInOneRoomOnly = noClasses()
            .that()
            .resideOutsideOfPackage(CONNECT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule nobodyKnowsCamelOrTheOtherModules = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.camel..", "io.natskv.camel..", "io.natskv.connect..");

    /** What the class path of a Connect worker and of a Camel application have in common with ours. */
    @ArchTest
    static final ArchRule standsOnTheJdkAndJnatsAndSlf4j = classes()
            .that()
            .resideOutsideOfPackage(CONNECT)
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(CORE + "..", "java..", "javax.net.ssl..", "io.nats.client..", "org.slf4j"));

    @ArchTest
    static final ArchRule noStandardStreams = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule noJavaUtilLogging =
            noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging..");

    @ArchTest
    static final ArchRule noStaticMutableState =
            fields().that().areStatic().should().beFinal();

    @ArchTest
    static final ArchRule whatIsThrownIsAKvException = classes()
            .that()
            .areAssignableTo(Exception.class)
            .should()
            .resideInAPackage(CORE + ".error")
            .andShould()
            .beAssignableTo("io.natskv.core.error.KvException");
}
