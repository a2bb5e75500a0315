package io.natskv.testing.junit;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Has Awaitility wait for a minute where a test names no deadline: a machine that stalls is no reason to fail. */
public final class PatientAwaitility implements LauncherSessionListener {
    @Override
    public void launcherSessionOpened(LauncherSession session) {
        try {
            Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
        } catch (NoClassDefFoundError e) {
            // A module whose tests do not wait.
        }
    }
}
