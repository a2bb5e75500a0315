package io.natskv.quickstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.ZoneId;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The first filling of the bucket: currencies, countries and time zones as this JDK knows them, each as JSON. */
final class Seeder {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Seeder() {}

    /** Keys {@code currency.EUR}, {@code country.FR}, {@code zone.Europe.Paris} with their JSON, sorted by key. */
    static Map<String, ObjectNode> data() {
        Map<String, ObjectNode> data = new TreeMap<>();
        currencies(data);
        countries(data);
        zones(data);
        return data;
    }

    static byte[] bytes(ObjectNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static ObjectNode empty() {
        return JSON.createObjectNode();
    }

    private static void currencies(Map<String, ObjectNode> data) {
        for (Currency currency : Currency.getAvailableCurrencies()) {
            ObjectNode json = JSON.createObjectNode()
                    .put("code", currency.getCurrencyCode())
                    .put("number", currency.getNumericCodeAsString())
                    .put("name", currency.getDisplayName(Locale.ENGLISH))
                    .put("digits", currency.getDefaultFractionDigits());
            data.put("currency." + currency.getCurrencyCode(), json);
        }
    }

    private static void countries(Map<String, ObjectNode> data) {
        Map<String, List<String>> languages = new TreeMap<>();
        for (Locale locale : Locale.getAvailableLocales()) {
            List<String> spoken = languages.computeIfAbsent(locale.getCountry(), code -> new ArrayList<>());
            String language = locale.getDisplayLanguage(Locale.ENGLISH);
            if (!spoken.contains(language)) {
                spoken.add(language);
            }
        }
        for (String code : Locale.getISOCountries()) {
            Locale country = new Locale.Builder().setRegion(code).build();
            Currency currency = Currency.getInstance(country);
            ObjectNode json = JSON.createObjectNode()
                    .put("code", code)
                    .put("iso3", country.getISO3Country())
                    .put("name", country.getDisplayCountry(Locale.ENGLISH))
                    .put("currency", currency == null ? null : currency.getCurrencyCode());
            var spoken = json.putArray("languages");
            languages.getOrDefault(code, List.of()).stream().sorted().forEach(spoken::add);
            data.put("country." + code, json);
        }
    }

    private static void zones(Map<String, ObjectNode> data) {
        for (String id : ZoneId.getAvailableZoneIds()) {
            // A dot separates the tokens of a key, so that zone.Europe.> is a filter; "+" is not allowed in keys.
            String key = "zone." + id.replace('/', '.').replace('+', '_');
            ZoneId zone = ZoneId.of(id);
            ObjectNode json = JSON.createObjectNode()
                    .put("id", id)
                    .put("name", zone.getDisplayName(TextStyle.FULL, Locale.ENGLISH))
                    .put(
                            "daylight_saving",
                            !zone.getRules().getTransitionRules().isEmpty());
            data.put(key, json);
        }
    }
}
