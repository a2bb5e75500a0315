package io.natskv.docker;

import com.github.dockerjava.api.DockerClient;
import io.natskv.docker.DockerImages.MissingImageException;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.testcontainers.DockerClientFactory;

/** Looks once a run for the engine and the images; see {@link RequiresDocker}. */
final class DockerEngine implements ExecutionCondition, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(DockerEngine.class);

    /** What was found: the images, or why there are none. */
    private record Found(DockerImages images, String reason) {}

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Found found = found(context);
        return found.images() == null
                ? ConditionEvaluationResult.disabled(found.reason())
                : ConditionEvaluationResult.enabled("containers of " + found.images());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == DockerImages.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return found(context).images();
    }

    private static Found found(ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(Found.class, key -> look(), Found.class);
    }

    private static Found look() {
        Found found = find();
        // Surefire's summary counts the skipped, but does not say why.
        System.out.println(
                found.images() == null
                        ? "Container tests are SKIPPED: " + found.reason()
                        : "Container tests run with " + found.images());
        return found;
    }

    private static Found find() {
        DockerClient engine;
        try {
            engine = DockerClientFactory.instance().client();
        } catch (RuntimeException e) {
            return new Found(
                    null,
                    "no Docker engine can be used (" + firstLine(e)
                            + "): start one; as root on Debian, .ci/docker installs and starts it");
        }
        try {
            return new Found(DockerImages.find(engine), "");
        } catch (MissingImageException e) {
            return new Found(null, e.getMessage());
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
    }
}
