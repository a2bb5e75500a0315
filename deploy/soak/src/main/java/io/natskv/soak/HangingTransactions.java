package io.natskv.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;

/**
 * Transactions that a partition holds for open and their coordinator for ended. A broker that is killed while it ends one may bring it about: it says
 * that a transaction is complete whose marker it has written nowhere. Nobody reads behind it as committed then, for ever, and no source of that worker
 * group starts. An operator ends them by {@code kafka-transactions.sh}; so does this.
 */
final class HangingTransactions implements AutoCloseable {
    private final Admin admin;
    private final List<String> topics;
    private Set<Open> before = Set.of();

    private record Open(TopicPartition partition, long producer, int epoch, int coordinatorEpoch, long from) {}

    HangingTransactions(String bootstrap, List<String> topics) {
        this.topics = List.copyOf(topics);
        this.admin = TopicLog.admin(bootstrap);
    }

    /**
     * Aborts those that were there at the last call already.
     *
     * @return which
     */
    List<String> abort() throws ExecutionException, InterruptedException {
        Set<Open> hanging = hanging();
        List<String> aborted = new ArrayList<>();
        for (Open open : hanging) {
            if (before.contains(open)) {
                admin.abortTransaction(new AbortTransactionSpec(
                                open.partition, open.producer, (short) open.epoch, open.coordinatorEpoch))
                        .all()
                        .get();
                aborted.add(open.toString());
            }
        }
        before = hanging;
        return aborted;
    }

    private Set<Open> hanging() throws ExecutionException, InterruptedException {
        Set<Open> open = new HashSet<>();
        Map<TopicPartition, PartitionProducerState> states =
                admin.describeProducers(partitions()).all().get();
        states.forEach((partition, state) -> {
            for (ProducerState producer : state.activeProducers()) {
                producer.currentTransactionStartOffset()
                        .ifPresent(from -> open.add(new Open(
                                partition,
                                producer.producerId(),
                                producer.producerEpoch(),
                                producer.coordinatorEpoch().orElse(0),
                                from)));
            }
        });
        Set<Long> underWay = new HashSet<>();
        for (TransactionListing transaction : admin.listTransactions(new ListTransactionsOptions()
                        .filterStates(Set.of(
                                TransactionState.ONGOING,
                                TransactionState.PREPARE_ABORT,
                                TransactionState.PREPARE_COMMIT,
                                TransactionState.PREPARE_EPOCH_FENCE)))
                .all()
                .get()) {
            underWay.add(transaction.producerId());
        }
        open.removeIf(each -> underWay.contains(each.producer));
        return open;
    }

    private List<TopicPartition> partitions() throws ExecutionException, InterruptedException {
        List<TopicPartition> partitions = new ArrayList<>();
        admin.describeTopics(topics)
                .allTopicNames()
                .get()
                .forEach((topic, description) -> description
                        .partitions()
                        .forEach(partition -> partitions.add(new TopicPartition(topic, partition.partition()))));
        return partitions;
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
