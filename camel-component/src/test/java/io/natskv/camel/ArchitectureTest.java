package io.natskv.camel;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.apache.camel.support.DefaultComponent;

/** The component stands on kv-core and Camel, and on nothing of Kafka's. */
@AnalyzeClasses(packages = "io.natskv.camel", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule NO_KAFKA = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "io.natskv.core.connect..", "io.natskv.connect..");

    @ArchTest
    static final ArchRule STANDS_ON_THE_CORE = classes()
            .that()
            .areAssignableTo(NatsKvProducer.class)
            .or()
            .areAssignableTo(NatsKvConsumer.class)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.natskv.core..");

    @ArchTest
    static final ArchRule ONLY_PUBLIC_CAMEL = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.camel.impl..", "org.apache.camel.test..");

    /** jnats' own KV interface does not come in beside kv-core. */
    @ArchTest
    static final ArchRule NO_OTHER_KV = noClasses()
            .should()
            .dependOnClassesThat()
            .haveNameMatching("io\\.nats\\.client\\.(KeyValue|KeyValueManagement|JetStream|JetStreamManagement)");

    @ArchTest
    static final ArchRule ONE_COMPONENT =
            classes().that().areAssignableTo(DefaultComponent.class).should().haveSimpleName("NatsKvComponent");
}
