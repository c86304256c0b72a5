import type { ChoiceWords } from '../heard-choice.js';

export const SPANISH_CHOICES: ChoiceWords = {
  any: [
    ...['cualquiera', 'cualquier persona', 'cualquier doctor', 'cualquier doctora', 'cualquier profesional'],
    ...[
      'cualquier medico',
      'cualquier servicio',
      'cualquier cita',
      'cualquiera de ellos',
      'cualquiera de ellas',
    ],
    ...[
      'quien sea',
      'el que sea',
      'la que sea',
      'lo que sea',
      'quien pueda',
      'quien haya',
      'quien tenga hueco',
    ],
    ...['quien este libre', 'quien este disponible', 'el que este libre', 'la que este libre', 'alguien'],
    ...['el que este disponible', 'la que este disponible', 'el primero que pueda', 'el primero disponible'],
    ...['el primero', 'la primera', 'la primera disponible', 'primero disponible', 'primera disponible'],
    ...['me da igual', 'da igual', 'da lo mismo', 'me da lo mismo', 'no importa', 'no me importa', 'igual'],
    ...[
      'sin preferencia',
      'sin preferencias',
      'no tengo preferencia',
      'no tengo preferencias',
      'indiferente',
    ],
    ...[
      'ninguna preferencia',
      'indistinto',
      'nadie en particular',
      'ninguno en particular',
      'no se',
      'lo mismo',
    ],
    ...['con cualquiera', 'con quien sea'],
  ],
  around: [
    ...['con', 'pues', 'a mi', 'por favor', 'gracias', 'quien', 'cual', 'esta bien', 'me vale', 'vale'],
    ...['tenga', 'haya', 'libre', 'disponible', 'persona', 'de ellos', 'de ellas', 'la verdad', 'es'],
  ],
  except: [
    ...['no', 'no con', 'no quiero', 'excepto', 'menos', 'salvo', 'que no sea', 'otro que no sea', 'pero no'],
    ...['otra que no sea', 'alguien que no sea', 'cualquiera menos', 'cualquiera que no sea', 'todos menos'],
    ...['cualquiera excepto', 'cualquiera salvo', 'todas menos', 'todo menos', 'cualquier cosa menos'],
    ...['cualquier persona menos', 'quien sea menos', 'no quiero con', 'aparte de'],
  ],
  or: ['o', 'u', 'y', 'e', 'ni'],
  fillers: ['con', 'el', 'la', 'los', 'las', 'un', 'una', 'a', 'al', 'ver'],
};
