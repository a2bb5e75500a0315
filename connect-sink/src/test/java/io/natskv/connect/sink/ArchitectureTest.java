package io.natskv.connect.sink;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.natskv.connect.sink", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule STANDS_ON_THE_CORE_ALONE = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "io.natskv.connect.sink..",
                    "io.natskv.core..",
                    "org.apache.kafka.clients.admin..", // asks for the ids of topics
                    "io.nats.client..", // message headers, settings of streams, JSON
                    "org.apache.kafka.clients.consumer..", // OffsetAndMetadata, of SinkTask's own contract
                    "org.apache.kafka.common..",
                    "org.apache.kafka.connect..",
                    "org.slf4j..");

    @ArchTest
    static final ArchRule NO_STATIC_STATE =
            noFields().that().areStatic().should().notBeFinal();
}
