"""The languages of made-up papers: the words of captions, and sentences with slots for names and numbers.

Slots stand where no language bends the word: {m} and {k} are methods, {d} a data set, {x} and {y} numbers
with their decimal sign, {n} a whole number. A mention opens with {ref}, "Figure 3" or "그림 1"; an aside has
it in the middle.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """What is needed to set a paper in a language."""

    code: str  # as typst hyphenates it
    figure: tuple[str, ...]
    table: tuple[str, ...]
    listing: str
    continued: str
    note: str
    abstract: str
    references: str
    title: str
    headings: tuple[str, ...]
    sentences: tuple[str, ...]
    mentions: tuple[str, ...]
    asides: tuple[str, ...]
    captions: tuple[str, ...]
    titles: tuple[str, ...]  # of tables
    columns: tuple[str, ...]
    axes: tuple[str, ...]


ENGLISH = Language(
    code="en",
    figure=("Figure", "Fig.", "FIGURE", "FIG."),
    table=("Table", "TABLE", "Tab."),
    listing="Listing",
    continued="continued",
    note="Note",
    abstract="Abstract",
    references="References",
    title="{m}: A Closer Look at Learning from {d}",
    headings=(
        "Introduction",
        "Related Work",
        "Method",
        "Experiments",
        "Results and Discussion",
        "Conclusion",
    ),
    sentences=(
        "We train {m} on {d} for {n} epochs and compare it with {k} under the same budget.",
        "The gap between the two systems narrows as the number of examples grows, but it never closes.",
        "All runs use a batch of {n} samples and a learning rate that decays to zero.",
        "On {d} the error falls from {x} to {y} percent, which is within the spread of five seeds.",
        "Earlier work studied this question with far smaller models and reached the opposite conclusion.",
        "Because the labels are noisy, we report the median and not the mean.",
        "Removing the second stage costs {x} points, while a wider first stage gains almost nothing.",
        "This suggests that most of the benefit comes from better data rather than from more parameters.",
        "A detailed account of the hardware is given in the supplement.",
        "We leave the multilingual case to future work.",
    ),
    mentions=(
        "{ref} shows how {m} behaves when the budget is doubled.",
        "{ref} compares {m} with {k} on {d}.",
        "{ref} summarises the main results.",
        "{ref} illustrates this effect for {n} runs.",
        "{ref}, which was drawn from the same runs, gives the details.",
    ),
    asides=(
        "The effect is largest at the start of training (see {ref}).",
        "As {ref} makes clear, {m} is stable.",
    ),
    captions=(
        "Overview of the proposed system.",
        "Accuracy of {m} and {k} on {d} against the number of training steps.",
        "Error by group. Bars are means of {n} runs; {m} is the only method that improves on all groups. "
        "The dashed line marks the level of {k} after {n} epochs on {d}, the best that was known so far.",
        "Distribution of scores on {d}. Higher is better.",
        "The pipeline of {m}: the input is split, encoded and merged before the last stage, "
        "and the result is "
        "checked against {d} (see Section 3 for the details).",
        "Effect of the budget",
    ),
    titles=(
        "Results on {d}.",
        "Comparison of {m} with earlier methods on {d}. The best value of each column is in "
        "bold; all values are "
        "means of {n} runs.",
        "Statistics of the data sets",
        "Settings of all experiments with {m}.",
    ),
    columns=("Method", "Accuracy", "Recall", "Time (s)", "Size", "Score", "Steps"),
    axes=("Steps", "Accuracy (%)", "Loss", "Budget", "Score"),
)
KOREAN = Language(
    code="ko",
    figure=("그림",),
    table=("표",),
    listing="코드",
    continued="계속",
    note="주",
    abstract="요약",
    references="참고문헌",
    title="{d} 자료를 이용한 {m} 모형의 학습에 관한 연구",
    headings=("서론", "관련 연구", "연구 방법", "실험 설계", "결과 및 논의", "결론"),
    sentences=(
        "본 연구에서는 {m} 모형을 {d} 자료로 학습하고 같은 조건에서 {k} 모형과 비교하였다.",
        "실험은 모두 {n}회 반복하였으며 평균과 표준편차를 함께 보고한다.",
        "학습 자료의 양이 늘어날수록 두 모형의 차이는 줄어들었으나 완전히 사라지지는 않았다.",
        "오류율은 {x}%에서 {y}%로 낮아졌고 이는 통계적으로 유의한 차이이다.",
        "기존 연구는 주로 작은 규모의 모형을 대상으로 하였기 때문에 그 결과를 그대로 적용하기 어렵다.",
        "두 번째 단계를 제거하면 성능이 크게 떨어지는 것을 확인할 수 있었다.",
        "이러한 결과는 매개변수의 수보다 자료의 품질이 더 중요하다는 것을 의미한다.",
        "자세한 실험 환경과 설정은 부록에 정리하였다.",
    ),
    mentions=(
        "{ref}은 {m} 모형의 전체 구조를 보여 준다.",
        "{ref}에서 보는 바와 같이 성능은 꾸준히 향상되었다.",
        "{ref}에 주요 실험 결과를 정리하였다.",
        "{ref}과 같이 {d} 자료에서는 차이가 크지 않았다.",
    ),
    asides=("이 차이는 학습 초기에 가장 크게 나타난다({ref} 참조).", "세부 결과는 {ref}에 제시하였다."),
    captions=(
        "제안하는 시스템의 전체 구조",
        "학습 단계에 따른 {m} 모형과 {k} 모형의 정확도 비교",
        "집단별 오류율. 막대는 {n}회 반복 실험의 평균이며 점선은 {k} 모형의 수준을 나타낸다. "
        "모든 실험은 {d} 자료를 이용하여 같은 조건에서 수행하였다.",
        "{d} 자료의 점수 분포",
    ),
    titles=(
        "{d} 자료에 대한 실험 결과",
        "실험에 사용한 자료의 통계",
        "제안 모형과 기존 모형의 성능 비교(평균 {n}회)",
    ),
    columns=("모형", "정확도", "재현율", "시간(초)", "크기", "점수"),
    axes=("학습 단계", "정확도(%)", "손실", "점수"),
)
GERMAN = Language(
    code="de",
    figure=("Abbildung", "Abb."),
    table=("Tabelle", "Tab."),
    listing="Listing",
    continued="Fortsetzung",
    note="Anmerkung",
    abstract="Zusammenfassung",
    references="Literatur",
    title="{m}: Untersuchungen zum Lernen mit {d}",
    headings=("Einleitung", "Stand der Forschung", "Methode", "Versuche", "Ergebnisse", "Ausblick"),
    sentences=(
        "Das Verfahren {m} wird mit {d} über {n} Epochen trainiert und mit {k} verglichen.",
        "Der Abstand zwischen beiden Verfahren wird kleiner, verschwindet aber nie vollständig.",
        "Alle Versuche wurden unter gleichen Bedingungen mehrfach wiederholt.",
        "Der Fehler sinkt von {x} auf {y} Prozent und liegt damit innerhalb der Streuung.",
        "Frühere Arbeiten haben diese Frage nur an deutlich kleineren Modellen untersucht.",
        "Daraus folgt, dass die Güte der Daten wichtiger ist als die Zahl der Parameter.",
        "Die Einzelheiten der Versuchsdurchführung sind im Anhang beschrieben.",
    ),
    mentions=(
        "{ref} zeigt den Verlauf des Fehlers für {m}.",
        "{ref} fasst die wichtigsten Ergebnisse zusammen.",
        "{ref} vergleicht {m} mit {k}.",
    ),
    asides=(
        "Der Unterschied ist zu Beginn am größten (siehe {ref}).",
        "Wie {ref} verdeutlicht, ist {m} stabil.",
    ),
    captions=(
        "Aufbau des vorgeschlagenen Systems.",
        "Genauigkeit von {m} und {k} in Abhängigkeit von der Zahl der Schritte.",
        "Fehler nach Gruppen; gezeigt sind Mittelwerte aus {n} Wiederholungen mit {d}. Die "
        "gestrichelte Linie "
        "entspricht dem bisher besten bekannten Verfahren.",
    ),
    titles=(
        "Ergebnisse für {d}.",
        "Vergleich von {m} mit früheren Verfahren, Mittelwerte aus {n} Wiederholungen",
    ),
    columns=("Verfahren", "Genauigkeit", "Dauer (s)", "Größe", "Wert"),
    axes=("Schritte", "Genauigkeit (%)", "Fehler", "Dauer"),
)
FRENCH = Language(
    code="fr",
    figure=("Figure", "Fig."),
    table=("Tableau", "Table"),
    listing="Listing",
    continued="suite",
    note="Note",
    abstract="Résumé",
    references="Bibliographie",
    title="{m} : apprendre à partir de {d}",
    headings=("Introduction", "État de l’art", "Méthode", "Expériences", "Résultats", "Conclusion"),
    sentences=(
        "Nous entraînons {m} sur {d} pendant {n} époques et le comparons à {k}.",
        "L’écart entre les deux systèmes diminue avec le nombre d’exemples, sans jamais disparaître.",
        "Toutes les expériences ont été répétées dans les mêmes conditions.",
        "L’erreur passe de {x} à {y} pour cent, ce qui reste dans la dispersion observée.",
        "Les travaux antérieurs portaient sur des modèles bien plus petits.",
        "La qualité des données importe donc davantage que le nombre de paramètres.",
    ),
    mentions=(
        "{ref} montre l’évolution de l’erreur pour {m}.",
        "{ref} présente les principaux résultats.",
        "{ref} compare {m} et {k}.",
    ),
    asides=(
        "La différence est plus forte au début (voir {ref}).",
        "Comme le montre {ref}, {m} reste stable.",
    ),
    captions=(
        "Architecture du système proposé.",
        "Précision de {m} et de {k} en fonction du nombre d’étapes.",
        "Erreur par groupe, moyenne de {n} répétitions sur {d}. La ligne en tirets indique le "
        "meilleur résultat "
        "connu jusqu’à présent.",
    ),
    titles=(
        "Résultats sur {d}.",
        "Comparaison de {m} avec les méthodes antérieures (moyenne de {n} répétitions)",
    ),
    columns=("Méthode", "Précision", "Rappel", "Durée (s)", "Taille"),
    axes=("Étapes", "Précision (%)", "Erreur", "Durée"),
)
SPANISH = Language(
    code="es",
    figure=("Figura", "Fig.", "FIGURA"),
    table=("Tabla", "TABLA", "Cuadro"),
    listing="Listing",
    continued="continuación",
    note="Nota",
    abstract="Resumen",
    references="Referencias",
    title="{m}: un estudio del aprendizaje con {d}",
    headings=("Introducción", "Antecedentes", "Método", "Experimentos", "Resultados", "Conclusiones"),
    sentences=(
        "Entrenamos {m} con {d} durante {n} épocas y lo comparamos con {k}.",
        "La distancia entre ambos sistemas se reduce con más ejemplos, pero no desaparece.",
        "Todos los experimentos se repitieron en las mismas condiciones.",
        "El error baja de {x} a {y} por ciento, dentro de la dispersión observada.",
        "Los trabajos anteriores estudiaron modelos mucho más pequeños.",
        "La calidad de los datos importa más que el número de parámetros.",
    ),
    mentions=(
        "{ref} muestra la evolución del error de {m}.",
        "{ref} resume los resultados principales.",
        "{ref} compara {m} con {k}.",
    ),
    asides=("La diferencia es mayor al principio (véase {ref}).", "Como indica {ref}, {m} es estable."),
    captions=(
        "Esquema del sistema propuesto.",
        "Exactitud de {m} y {k} según el número de pasos.",
        "Error por grupo, media de {n} repeticiones con {d}. La línea discontinua indica el mejor resultado "
        "conocido hasta ahora.",
    ),
    titles=("Resultados con {d}.", "Comparación de {m} con métodos anteriores (media de {n} repeticiones)"),
    columns=("Método", "Exactitud", "Tiempo (s)", "Tamaño", "Valor"),
    axes=("Pasos", "Exactitud (%)", "Error", "Tiempo"),
)
RUSSIAN = Language(
    code="ru",
    figure=("Рис.", "Рисунок"),
    table=("Таблица", "Табл."),
    listing="Листинг",
    continued="продолжение",
    note="Примечание",
    abstract="Аннотация",
    references="Литература",
    title="Метод {m}: обучение на данных {d}",
    headings=("Введение", "Обзор работ", "Метод", "Эксперименты", "Результаты", "Заключение"),
    sentences=(
        "Модель {m} обучалась на данных {d} в течение {n} эпох и сравнивалась с моделью {k}.",
        "Разница между системами уменьшается с ростом числа примеров, но не исчезает полностью.",
        "Все опыты были повторены несколько раз при одинаковых условиях.",
        "Ошибка снижается с {x} до {y} процента, что находится в пределах разброса.",
        "В более ранних работах рассматривались модели значительно меньшего размера.",
        "Качество данных оказывается важнее, чем число параметров.",
    ),
    mentions=(
        "{ref} показывает изменение ошибки для модели {m}.",
        "{ref} содержит основные результаты.",
        "{ref} позволяет сравнить {m} и {k}.",
    ),
    asides=("Различие наиболее заметно в начале обучения (см. {ref}).", "Модель {m} устойчива ({ref})."),
    captions=(
        "Общая схема предлагаемой системы",
        "Точность моделей {m} и {k} в зависимости от числа шагов",
        "Ошибка по группам, средние значения по {n} повторениям на данных {d}. Пунктиром показан лучший из "
        "известных ранее результатов.",
    ),
    titles=(
        "Результаты на данных {d}",
        "Сравнение модели {m} с известными методами, средние по {n} повторениям",
    ),
    columns=("Модель", "Точность", "Время, с", "Размер", "Оценка"),
    axes=("Шаги", "Точность, %", "Ошибка", "Время"),
)
PORTUGUESE = Language(
    code="pt",
    figure=("Figura", "Fig."),
    table=("Tabela", "TABELA"),
    listing="Listing",
    continued="continuação",
    note="Nota",
    abstract="Resumo",
    references="Referências",
    title="{m}: um estudo da aprendizagem com {d}",
    headings=("Introdução", "Trabalhos relacionados", "Método", "Experimentos", "Resultados", "Conclusão"),
    sentences=(
        "Treinamos {m} com {d} durante {n} épocas e comparamos com {k}.",
        "A distância entre os dois sistemas diminui, mas não desaparece.",
        "Todos os experimentos foram repetidos nas mesmas condições.",
        "O erro cai de {x} para {y} por cento, dentro da dispersão observada.",
        "Os trabalhos anteriores estudaram modelos muito menores.",
        "A qualidade dos dados importa mais do que o número de parâmetros.",
    ),
    mentions=("{ref} mostra a evolução do erro de {m}.", "{ref} resume os principais resultados."),
    asides=("A diferença é maior no início (ver {ref}).", "Como indica {ref}, {m} é estável."),
    captions=(
        "Esquema do sistema proposto.",
        "Acurácia de {m} e {k} em função do número de passos.",
        "Erro por grupo, média de {n} repetições com {d}. A linha tracejada indica o melhor "
        "resultado conhecido.",
    ),
    titles=("Resultados com {d}.", "Comparação de {m} com métodos anteriores (média de {n} repetições)"),
    columns=("Método", "Acurácia", "Tempo (s)", "Tamanho"),
    axes=("Passos", "Acurácia (%)", "Erro", "Tempo"),
)
INDONESIAN = Language(
    code="id",
    figure=("Gambar",),
    table=("Tabel",),
    listing="Listing",
    continued="lanjutan",
    note="Catatan",
    abstract="Abstrak",
    references="Daftar Pustaka",
    title="{m}: Kajian Pembelajaran dengan {d}",
    headings=("Pendahuluan", "Tinjauan Pustaka", "Metode", "Percobaan", "Hasil dan Pembahasan", "Kesimpulan"),
    sentences=(
        "Kami melatih {m} dengan {d} selama {n} putaran dan membandingkannya dengan {k}.",
        "Selisih antara kedua sistem mengecil ketika jumlah contoh bertambah, tetapi tidak pernah hilang.",
        "Semua percobaan diulang dalam kondisi yang sama.",
        "Galat turun dari {x} menjadi {y} persen dan masih berada dalam sebaran yang teramati.",
        "Penelitian terdahulu hanya mengkaji model yang jauh lebih kecil.",
    ),
    mentions=("{ref} menunjukkan perubahan galat pada {m}.", "{ref} merangkum hasil utama penelitian ini."),
    asides=(
        "Perbedaan terbesar tampak pada awal pelatihan (lihat {ref}).",
        "Seperti pada {ref}, {m} tetap stabil.",
    ),
    captions=(
        "Rancangan sistem yang diusulkan",
        "Ketepatan {m} dan {k} terhadap jumlah langkah",
        "Galat menurut kelompok, rata-rata dari {n} ulangan dengan {d}. Garis putus-putus "
        "menandai hasil terbaik "
        "yang diketahui sebelumnya.",
    ),
    titles=("Hasil pada {d}", "Perbandingan {m} dengan metode terdahulu, rata-rata dari {n} ulangan"),
    columns=("Metode", "Ketepatan", "Waktu (s)", "Ukuran"),
    axes=("Langkah", "Ketepatan (%)", "Galat", "Waktu"),
)
VIETNAMESE = Language(
    code="vi",
    figure=("Hình",),
    table=("Bảng",),
    listing="Listing",
    continued="tiếp theo",
    note="Ghi chú",
    abstract="Tóm tắt",
    references="Tài liệu tham khảo",
    title="{m}: nghiên cứu về học máy với {d}",
    headings=("Giới thiệu", "Công trình liên quan", "Phương pháp", "Thực nghiệm", "Kết quả", "Kết luận"),
    sentences=(
        "Chúng tôi huấn luyện {m} trên {d} trong {n} vòng và so sánh với {k}.",
        "Khoảng cách giữa hai hệ thống giảm dần nhưng không bao giờ mất hẳn.",
        "Tất cả các thí nghiệm được lặp lại trong cùng điều kiện.",
        "Sai số giảm từ {x} xuống {y} phần trăm, nằm trong độ phân tán quan sát được.",
        "Các nghiên cứu trước đây chỉ xem xét những mô hình nhỏ hơn nhiều.",
    ),
    mentions=("{ref} cho thấy sự thay đổi của sai số với {m}.", "{ref} tóm tắt các kết quả chính."),
    asides=("Sự khác biệt lớn nhất ở giai đoạn đầu (xem {ref}).", "Như trong {ref}, {m} khá ổn định."),
    captions=(
        "Kiến trúc của hệ thống đề xuất",
        "Độ chính xác của {m} và {k} theo số bước huấn luyện",
        "Sai số theo nhóm, trung bình của {n} lần lặp trên {d}. Đường đứt nét là kết quả tốt "
        "nhất đã biết trước đó.",
    ),
    titles=("Kết quả trên {d}", "So sánh {m} với các phương pháp trước đây, trung bình của {n} lần lặp"),
    columns=("Phương pháp", "Độ chính xác", "Thời gian", "Kích thước"),
    axes=("Số bước", "Độ chính xác (%)", "Sai số", "Thời gian"),
)
TURKISH = Language(
    code="tr",
    figure=("Şekil", "ŞEKİL"),
    table=("Tablo", "Çizelge"),
    listing="Listing",
    continued="devam",
    note="Not",
    abstract="Özet",
    references="Kaynaklar",
    title="{m}: {d} ile Öğrenme Üzerine Bir İnceleme",
    headings=("Giriş", "İlgili Çalışmalar", "Yöntem", "Deneyler", "Bulgular", "Sonuç"),
    sentences=(
        "Önerilen {m} yöntemi {d} verisiyle {n} dönem boyunca eğitildi ve {k} ile karşılaştırıldı.",
        "İki sistem arasındaki fark örnek sayısı arttıkça azalmakta, ancak tamamen kaybolmamaktadır.",
        "Bütün deneyler aynı koşullarda tekrarlanmıştır.",
        "Hata yüzde {x} değerinden {y} değerine inmiştir ve bu fark gözlenen dağılımın içindedir.",
        "Önceki çalışmalar çok daha küçük modelleri ele almıştır.",
    ),
    mentions=("{ref} hatanın {m} için değişimini göstermektedir.", "{ref} temel sonuçları özetlemektedir."),
    asides=("Fark en çok eğitimin başında görülür (bkz. {ref}).", "Yöntem kararlıdır ({ref})."),
    captions=(
        "Önerilen sistemin genel yapısı",
        "Eğitim adımlarına göre {m} ve {k} doğruluğu",
        "Gruplara göre hata, {d} üzerinde {n} tekrarın ortalaması. Kesikli çizgi bilinen en "
        "iyi sonucu gösterir.",
    ),
    titles=(
        "{d} üzerindeki sonuçlar",
        "{m} ile önceki yöntemlerin karşılaştırılması, {n} tekrarın ortalaması",
    ),
    columns=("Yöntem", "Doğruluk", "Süre (s)", "Boyut"),
    axes=("Adım", "Doğruluk (%)", "Hata", "Süre"),
)

LANGUAGES = (
    ENGLISH,
    KOREAN,
    GERMAN,
    FRENCH,
    SPANISH,
    RUSSIAN,
    PORTUGUESE,
    INDONESIAN,
    VIETNAMESE,
    TURKISH,
)
