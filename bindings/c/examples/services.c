/*
 * What kube-proxy does: a chain for each service, which spreads new connections over the endpoints, and a rule that sends what
 * is for the service's address there. Then services change, one by one, and each time one chain is replaced in both
 * families.
 *
 *     services [SERVICES [CHANGES [MILLISECONDS]]]
 *
 * Needs CAP_NET_ADMIN. Try it where it does no harm: examples/safely services
 */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <libfw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ALL "SERVICES"

/* A service: its number, and that of its state, from which the addresses of its endpoints are made. */
struct change {
    unsigned service, state;
};

static unsigned services = 1000;

static void must(fw_status status, fw_error *error) {
    if (status == FW_OK)
        return;
    fprintf(stderr, "services: %s\n", fw_error_text(error));
    fw_error_free(error);
    exit(1);
}

static const char *name_of(unsigned service) {
    static char name[32];
    snprintf(name, sizeof name, "SVC-%u", service);
    return name;
}

/* An address in 10.0.0.0/8 or fd00::/8. */
static fw_address address(fw_family family, unsigned net, unsigned host) {
    unsigned char bytes[16] = {0};
    bytes[0] = family == FW_IPV4 ? 10 : 0xfd;
    bytes[1] = (unsigned char)net;
    bytes[2] = (unsigned char)(host >> 8);
    bytes[3] = (unsigned char)host;
    return family == FW_IPV4 ? fw_address_ipv4(bytes, 32) : fw_address_ipv6(bytes, 128);
}

/* The rules of a service: one of three endpoints at random. */
static fw_status fill(fw_table *table, const struct change *change, fw_error **error) {
    fw_family family = fw_table_family(table);
    fw_status status = FW_OK;
    for (unsigned left = 3; left > 0 && status == FW_OK; left--) {
        fw_builder *builder = fw_builder_new(family);
        fw_address endpoint = address(family, 1 + left, change->service + 7 * change->state);
        fw_builder_protocol_number(builder, IPPROTO_TCP);
        if (left > 1) {
            char share[32];
            snprintf(share, sizeof share, "%.6f", 1.0 / left);
            fw_builder_match(builder, FW_MATCH_STATISTIC);
            fw_builder_option(builder, FW_STATISTIC_MODE, FW_STATISTIC_MODE_RANDOM);
            fw_builder_option(builder, FW_STATISTIC_PROBABILITY, share);
        }
        fw_builder_target(builder, FW_TARGET_DNAT);
        fw_builder_address(builder, FW_DNAT_TO_DESTINATION, &endpoint);
        status = fw_builder_append(builder, table, name_of(change->service), error);
        fw_builder_free(builder);
    }
    return status;
}

/* All services anew. */
static fw_status build(fw_table *table, fw_error **error) {
    fw_family family = fw_table_family(table);
    fw_status status = fw_table_clear(table, error);
    if (status == FW_OK)
        status = fw_chain_new(table, ALL, error);
    if (status == FW_OK)
        status = fw_chain_append_text(table, "PREROUTING", "-j " ALL, error);
    for (unsigned i = 0; i < services && status == FW_OK; i++) {
        struct change first = {i, 0};
        fw_builder *builder = fw_builder_new(family);
        fw_address of = address(family, 0, i);
        status = fw_chain_new(table, name_of(i), error);
        fw_builder_destination_address(builder, &of);
        fw_builder_protocol_number(builder, IPPROTO_TCP);
        fw_builder_match(builder, FW_MATCH_TCP);
        fw_builder_number(builder, FW_TCP_DPORT, 80);
        fw_builder_jump(builder, name_of(i));
        if (status == FW_OK)
            status = fw_builder_append(builder, table, ALL, error);
        if (status == FW_OK)
            status = fill(table, &first, error);
        fw_builder_free(builder);
    }
    return status;
}

/* One service as it is now. */
static fw_status replace(fw_table *table, const struct change *change, fw_error **error) {
    fw_status status = fw_chain_flush(table, name_of(change->service), error);
    return status == FW_OK ? fill(table, change, error) : status;
}

/* Both families, or none of them. A program that ignores the lock may have changed a table in between; then all is done
 * again. */
static void both(const fw_kernel *kernel, const struct change *change) {
    static const fw_family families[] = {FW_IPV4, FW_IPV6};
    fw_error *error = NULL;
    fw_status status;
    int attempts = 0;
    do {
        fw_transaction *transaction;
        fw_table *table;
        must(fw_transaction_begin(kernel, &transaction, &error), error);
        status = FW_OK;
        for (int i = 0; i < 2 && status == FW_OK; i++) {
            status = fw_transaction_table(transaction, families[i], FW_TABLE_NAT, &table, &error);
            if (status == FW_OK)
                status = change == NULL ? build(table, &error) : replace(table, change, &error);
        }
        if (status == FW_OK)
            status = fw_transaction_commit(transaction, &error);
        fw_transaction_free(transaction);
    } while (status == FW_ERROR_CONFLICT && ++attempts < 5);
    must(status, error);
    fw_error_free(error);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    fw_kernel *kernel = fw_kernel_new();
    unsigned changes = argc > 2 ? (unsigned)atoi(argv[2]) : 10;
    long pause = argc > 3 ? atol(argv[3]) : 1000;
    double begin = seconds();
    if (argc > 1)
        services = (unsigned)atoi(argv[1]);
    if (services == 0)
        services = 1;
    both(kernel, NULL);
    printf("%u services in %.3f s\n", services, seconds() - begin);
    for (unsigned i = 0; i < changes; i++) {
        struct change change = {i % services, i + 1};
        struct timespec time = {pause / 1000, pause % 1000 * 1000000};
        nanosleep(&time, NULL);
        begin = seconds();
        both(kernel, &change);
        printf("%s replaced in %.3f s\n", name_of(change.service), seconds() - begin);
    }
    fw_kernel_free(kernel);
    return 0;
}
