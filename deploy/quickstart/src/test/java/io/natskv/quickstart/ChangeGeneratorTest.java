package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvOperation;
import io.natskv.core.key.KvNames;
import io.natskv.core.write.KvWrite;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChangeGeneratorTest {
    @Test
    void theSameSeedMakesTheSameChanges() {
        ChangeGenerator one = new ChangeGenerator(7, Seeder.data());
        ChangeGenerator two = new ChangeGenerator(7, Seeder.data());

        for (int i = 0; i < 1_000; i++) {
            KvWrite a = one.next();
            KvWrite b = two.next();
            assertThat(a.key()).isEqualTo(b.key());
            assertThat(a.operation()).isEqualTo(b.operation());
            assertThat(a.value()).isEqualTo(b.value());
        }
    }

    @Test
    void deletesOnlyWhatIsThereAndMakesEveryKindOfChange() {
        var data = Seeder.data();
        ChangeGenerator generator = new ChangeGenerator(1, data);
        Set<String> live = new HashSet<>(data.keySet());
        Set<String> gone = new HashSet<>();
        Map<KvOperation, Integer> kinds = new EnumMap<>(KvOperation.class);
        Map<String, KeyState> last = new HashMap<>();
        int broughtBack = 0;
        int created = 0;

        for (int i = 0; i < 20_000; i++) {
            KvWrite change = generator.next();
            KeyState state = new KeyState(change.operation(), change.value());
            kinds.merge(change.operation(), 1, Integer::sum);
            assertThat(state).isNotEqualTo(last.put(change.key(), state));
            if (change.operation().isMarker()) {
                assertThat(live.remove(change.key())).isTrue();
                gone.add(change.key());
            } else if (live.add(change.key())) {
                if (gone.remove(change.key())) {
                    broughtBack++;
                } else {
                    created++;
                    KvNames.checkKey(change.key());
                }
            }
        }

        assertThat(generator.liveKeys()).isEqualTo(live.size());
        assertThat(kinds).containsOnlyKeys(KvOperation.values());
        assertThat(broughtBack).isPositive();
        assertThat(created).isPositive();
    }
}
